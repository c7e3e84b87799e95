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
  resize: resized,
};

const LISTS = ['containers', 'initContainers'] as const;

/**
 * Only the resources of containers, and how they take them. Where the containers are others, the draft is left as it is for validation to
 * refuse (pkg/registry/core/pod/strategy.go dropNonResizeUpdates).
 */
function resized(draft: KubeObject, live: KubeObject): Fields {
  const [wanted, have] = [fields(draft['spec']), fields(live['spec'])];
  if (LISTS.some((list) => listOf(wanted, list).length !== listOf(have, list).length)) return draft;
  const spec: Fields = { ...have };
  for (const list of LISTS) if (have[list]) spec[list] = withResources(listOf(wanted, list), listOf(have, list));
  return { spec };
}

const listOf = (spec: Fields, list: string): Fields[] => (spec[list] ?? []) as Fields[];

function withResources(wanted: Fields[], have: Fields[]): Fields[] {
  if (have.some(({ name }, i) => wanted[i]?.['name'] !== name)) return wanted;
  return have.map((container, i) => {
    const { resources: _, resizePolicy: __, ...rest } = container;
    const { resources, resizePolicy } = wanted[i] ?? {};
    return {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}
