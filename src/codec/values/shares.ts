// Shared values as one packer sends them: each is packed once, and travels as a template does. Called by the walk.

import { nextTemplateId } from "../functions/template-ids.ts";
import type { Packed } from "../crossing.ts";
import type { Template, ValueTemplate } from "../template.ts";

/** Who has been sent a shared value, and must be told when nobody can refer to it any more. */
export interface ShareHolder {
  forgetTemplate(templateId: number): void;
}

/** What a template does not say of its value. */
export interface ShareRecord {
  /** What moves with the template. */
  readonly transfer: readonly object[];
  readonly holders: Set<ShareHolder>;
}

export interface SentShare {
  readonly template: ValueTemplate;
  /** What the receiver must have been given before. */
  readonly needs: readonly Template[];
}

const records = new WeakMap<Template, ShareRecord>();

/** Undefined for templates of functions. */
export function shareRecord(template: Template): ShareRecord | undefined {
  return template.kind === "value" ? records.get(template) : undefined;
}

/** A template is kept by its value, and by tasks that have not ended: when it goes, nobody needs it. */
const forgotten = new FinalizationRegistry(({ id, holders }: { readonly id: number; readonly holders: ReadonlySet<ShareHolder> }) => {
  for (const holder of holders) holder.forgetTemplate(id);
});

export class Shares {
  readonly #sent = new WeakMap<object, SentShare>();

  /** How to refer to a shared value. `pack` throws if it cannot cross. */
  of(value: object, pack: () => Packed): SentShare {
    let sent = this.#sent.get(value);
    if (sent === undefined) this.#sent.set(value, (sent = asTemplate(pack())));
    return sent;
  }
}

function asTemplate({ value, coded, templates, transfer }: Packed): SentShare {
  const template: ValueTemplate = { kind: "value", id: nextTemplateId(), value, coded };
  const record: ShareRecord = { transfer, holders: new Set() };
  records.set(template, record);
  forgotten.register(template, { id: template.id, holders: record.holders });
  return { template, needs: templates };
}
