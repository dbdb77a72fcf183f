// Numbers templates: unique in this thread and never reused, as receivers keep what they were sent by number.

let last = 0;

export function nextTemplateId(): number {
  return ++last;
}
