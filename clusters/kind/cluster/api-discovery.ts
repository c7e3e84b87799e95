import { z } from 'zod';
import { askApi } from '../../api-request.ts';
import type { KubeAccess, Manifest } from '../../cluster.ts';

const ResourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

const Identified = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string().optional(), namespace: z.string().optional() }),
});

/** Where objects of a manifest's kind are: the path of their collection and of the one that it names. */
export interface ObjectPaths {
  readonly collection: string;
  readonly object: string | undefined;
}

/**
 * Finds the paths of manifests by asking the API server what it serves (the group version's APIResourceList). What it serves is
 * remembered; a kind that is not among it is asked for anew each time, for a CustomResourceDefinition may have brought it.
 */
export class ApiDiscovery {
  readonly #access: KubeAccess;
  readonly #known = new Map<string, z.infer<typeof ResourceList>['resources']>();

  constructor(access: KubeAccess) {
    this.#access = access;
  }

  /** Undefined while the API server does not serve that kind. Rejects when it does not answer. */
  async pathsOf(manifest: Manifest, signal: AbortSignal): Promise<ObjectPaths | undefined> {
    const { apiVersion, kind, metadata } = Identified.parse(manifest);
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const isNamed = (resource: { name: string; kind: string }): boolean =>
      resource.kind === kind && !resource.name.includes('/');
    let resource = this.#known.get(root)?.find(isNamed);
    if (resource === undefined) {
      const { status, body } = await askApi(this.#access, { path: root, signal });
      if (status !== 200) return undefined;
      const { resources } = ResourceList.parse(body);
      this.#known.set(root, resources);
      resource = resources.find(isNamed);
    }
    if (resource === undefined) return undefined;
    const place = resource.namespaced ? `namespaces/${encodeURIComponent(metadata.namespace ?? 'default')}/` : '';
    const collection = `${root}/${place}${resource.name}`;
    return {
      collection,
      object: metadata.name === undefined ? undefined : `${collection}/${encodeURIComponent(metadata.name)}`,
    };
  }
}
