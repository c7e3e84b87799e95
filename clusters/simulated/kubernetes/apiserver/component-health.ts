/** The name under which the API server asks etcd. */
const ETCD = 'etcd-0';

/**
 * What the API server hears when it asks the parts of the control plane for their health: by part (`scheduler`), a question that
 * answers why it is not healthy, or undefined.
 */
export type ComponentHealth = Readonly<Record<string, () => string | undefined>>;

/** Why the API server does not reach its store; undefined while it does. */
export const storeProblem = (health: ComponentHealth): string | undefined => health[ETCD]?.();
