/** The name under which the API server asks etcd. */
const ETCD = 'etcd-0';

/** Why the API server does not reach its store; undefined while it does. */
export const storeProblem = (asked: () => readonly ComponentHealth[]): string | undefined =>
  asked().find(({ name }) => name === ETCD)?.problem;

/** What the API server hears when it asks a part of the control plane for its health. */
export interface ComponentHealth {
  /** `scheduler` */
  readonly name: string;
  /** Why it is not healthy. */
  readonly problem: string | undefined;
}
