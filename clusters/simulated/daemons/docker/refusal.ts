/** An answer of the engine that is not what was asked for, in dockerd's own words. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
  readonly status: 400 | 404 | 409 | 500 | 501;
  constructor(status: EngineRefusal['status'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
