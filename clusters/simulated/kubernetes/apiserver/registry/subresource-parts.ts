import type { KubeObject } from '../../object.ts';

type Fields = Record<string, unknown>;

/**
 * Puts back everything of the draft that the subresource does not speak for (the status, approval, finalize, resize and
 * ephemeralcontainers strategies of pkg/registry). Metadata comes along, as in most of upstream's status strategies.
 */
export function confineToSubresource(draft: KubeObject, live: KubeObject, subresource: string): void {
  const part = PARTS[subresource];
  if (!part) return;
  const allowed = part(draft, live);
  for (const field of new Set([...Object.keys(draft), ...Object.keys(live), ...Object.keys(allowed)])) {
    if (field === 'metadata' || field === 'apiVersion' || field === 'kind') continue;
    const value = field in allowed ? allowed[field] : live[field];
    if (value === undefined) delete draft[field];
    else draft[field] = value;
  }
}

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** The fields a subresource may change, by their wanted values. */
const PARTS: Readonly<Record<string, (draft: KubeObject, live: KubeObject) => Fields>> = {
  status: (draft) => ({ status: draft['status'] }),
  approval: (draft, live) => ({
    status: { ...fields(live['status']), conditions: fields(draft['status'])['conditions'] },
  }),
  finalize: (draft, live) => ({
    spec: { ...fields(live['spec']), finalizers: fields(draft['spec'])['finalizers'] },
  }),
  ephemeralcontainers: (draft, live) => ({
    spec: { ...fields(live['spec']), ephemeralContainers: fields(draft['spec'])['ephemeralContainers'] },
  }),
  resize: (draft, live) => ({ spec: resized(fields(draft['spec']), fields(live['spec'])) }),
};

/** Only the resources of containers that are there. */
function resized(draft: Fields, live: Fields): Fields {
  const spec: Fields = { ...live };
  for (const list of ['containers', 'initContainers']) {
    const wanted = (draft[list] ?? []) as Fields[];
    const have = live[list] as Fields[] | undefined;
    if (!have) continue;
    spec[list] = have.map((container) => {
      const same = wanted.find(({ name }) => name === container['name']);
      if (!same) return container;
      const { resources: _, resizePolicy: __, ...rest } = container;
      return {
        ...rest,
        ...(same['resources'] === undefined ? {} : { resources: same['resources'] }),
        ...(same['resizePolicy'] === undefined ? {} : { resizePolicy: same['resizePolicy'] }),
      };
    });
  }
  return spec;
}
