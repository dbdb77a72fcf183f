// One end of a connection between a pool and a worker, whatever carries it.

export interface ChannelListener<In> {
  message(message: In): void;
  /** A message could not be read; the connection goes on. */
  messageError(error: unknown): void;
}

export interface Channel<Out, In> {
  /** Takes the messages from now on, in the order sent. Called once, before anything is sent. */
  listen(listener: ChannelListener<In>): void;
  /** Throws a `DataCloneError` if the message cannot be carried; nothing has then been sent. Silent once closed. */
  send(message: Out, transfer: readonly object[]): void;
  /** Messages that have arrived and were not delivered yet, without waiting for the event loop. Only some can. */
  deliverArrived?(): void;
  /** Nothing is sent or delivered any more. */
  close(): void;
}
