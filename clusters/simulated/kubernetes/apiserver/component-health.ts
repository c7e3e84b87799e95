/** What the API server hears when it asks a part of the control plane for its health. */
export interface ComponentHealth {
  /** `scheduler` */
  readonly name: string;
  /** Why it is not healthy. */
  readonly problem: string | undefined;
}
