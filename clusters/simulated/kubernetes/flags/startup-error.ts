/** Thrown while flags are looked at, for what keeps the server down; the message is upstream's. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
