import type { Pod, Service } from '../../model/generated/objects.ts';

/** When that changed which the endpoints tell of. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  readonly service: string;
  readonly pods: ReadonlyMap<string, string>;
}

/**
 * Works out since when the endpoints of a Service are other than before (endpointslice/trigger_time_tracker.go): the earliest of the times
 * that have changed since the last look, at its readiness for a pod; the Service's own for one that is seen first. RFC 3339.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** Undefined when nothing has a time that is new, as when a pod only went. */
  of(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#seen.get(key);
    const { creationTimestamp: created = '' } = service.metadata;
    const times = new Map(
      pods.flatMap(({ metadata, status }): [string, string][] => {
        const since = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
        return since === undefined ? [] : [[metadata.name, since]];
      }),
    );
    this.#seen.set(key, { service: created, pods: times });
    if (before === undefined) return created;
    const changed = [...times].filter(([name, time]) => time > (before.pods.get(name) ?? '')).map(([, time]) => time);
    if (created > before.service) changed.push(created);
    return changed.sort()[0];
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
