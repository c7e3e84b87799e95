import type { Clock } from '../../clock.ts';
import type { KubeObject } from '../object.ts';
import type { FieldError } from '../status.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/**
 * One row of the API: everything generic (routing, discovery, OpenAPI, printing, storage, watch, patch) is keyed by it.
 * A CustomResourceDefinition makes rows at run time.
 */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** What a list of them is; `${kind}List` unless a definition says otherwise. */
  readonly listKind?: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** `status`, `scale`, `log`, …; each with its kind and verbs for discovery. */
  readonly subresources: readonly Subresource[];
  /** Name of the type in the model tables, for instance `io.k8s.api.core.v1.Pod`; custom resources carry their own schema. */
  readonly type: string;
  /** etcd key prefix without a trailing slash: `/registry/pods`, `/registry/services/specs`. */
  readonly storagePrefix: string;
  readonly columns: readonly Column[];
  readonly strategy: Strategy;
  /** The OpenAPI v3 schema of a custom resource, as its definition gives it; its `type` is empty. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** What field selectors know of a custom resource beside its name and namespace, as `spec.size`. */
  readonly selectableFields?: readonly string[];
  /** Set where another version of the kind is what is stored: autoscaling/v1 over v2, events.k8s.io over core. */
  readonly conversion?: Conversion;
}

/** How a served version becomes the stored one and back. Pure; takes and returns whole objects, apiVersion included. */
export interface Conversion {
  readonly toStorage: (object: KubeObject) => KubeObject;
  readonly fromStorage: (object: KubeObject) => KubeObject;
}

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Set where the kind belongs to another group version, such as autoscaling/v1 Scale. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** A printed column (pkg/printers/internalversion/printers.go). `cell` reads a frozen object and never throws. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0 is shown always, 1 with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: (object: KubeObject, now: number) => string | number | boolean | null;
}

/**
 * What is special about a kind (pkg/registry/<group>/<kind>/strategy.go). Drafts are mutable clones; `old` is frozen.
 * The generic parts (metadata, names, generation, status reset, immutables of metadata) are not repeated here.
 */
export interface Strategy {
  /** Fills what the client left out (pkg/apis/<group>/<version>/defaults.go). Runs after decoding and after mutating admission. */
  readonly defaults?: (draft: KubeObject) => void;
  readonly prepareForCreate?: (draft: KubeObject, context: StrategyContext) => void;
  readonly prepareForUpdate?: (draft: KubeObject, old: KubeObject, context: StrategyContext) => void;
  readonly validate?: (object: KubeObject) => FieldError[];
  /** `subresource` is empty for a whole update. */
  readonly validateUpdate?: (object: KubeObject, old: KubeObject, subresource: string) => FieldError[];
  /** `299` warnings for the client (for instance deprecated fields). */
  readonly warnings?: (object: KubeObject, old: KubeObject | undefined) => string[];
  /** Whether a new object keeps the status it is sent with; most kinds begin without. */
  readonly statusOnCreate?: boolean;
  /** How a name is checked; DNS subdomain unless said. A check of its own is given the object as well and returns texts. */
  readonly name?:
    | 'subdomain'
    | 'label'
    | 'label1035'
    | 'path-segment'
    | ((name: string, object: KubeObject) => readonly string[]);
  /** Whether PUT may create (AllowCreateOnUpdate) and whether it may omit resourceVersion (AllowUnconditionalUpdate, true unless said). */
  readonly createOnUpdate?: boolean;
  readonly unconditionalUpdate?: boolean;
  /** What the first DELETE writes instead of deleting, for somebody who cleans up first: finalizers, conditions. */
  readonly holdDeletion?: (draft: KubeObject, now: string) => void;
  /** Seconds of graceful deletion an object of this kind asks for; undefined deletes at once (pods only). */
  readonly gracePeriodSeconds?: (object: KubeObject) => number | undefined;
  /** Fields at the root, beside the status, that this strategy puts back whoever writes: nobody owns them (GetResetFields). */
  readonly resetFields?: readonly string[];
  /** metadata.generation counts changes of everything but metadata and status. False for kinds that have no generation. */
  readonly generation: boolean;
}

export interface StrategyContext {
  readonly clock: Clock;
  /** For what must be unique in the cluster, such as a Service's address. Reads only. */
  readonly cluster: ClusterView;
  readonly subresource: string;
}

/** What a strategy may see of the cluster; store/cluster.ts has all of it. */
export interface ClusterView {
  /** Row by plural and group; throws for one that is not served. */
  resource(plural: string, group?: string): Resource;
  /** In key order; every namespace when it is undefined. */
  list(resource: Resource, namespace?: string): readonly KubeObject[];
}

export const listKindOf = ({ kind, listKind = `${kind}List` }: Resource): string => listKind;
