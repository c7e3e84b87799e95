import type { KubeObject } from '../../object.ts';
import type { Condition } from '../../resources/custom/conditions.ts';
import type { JsonSchema } from '../../resources/custom/schema.ts';

/** What the API server reads of a CustomResourceDefinition (apiextensions.k8s.io/v1). */
export interface Definition extends KubeObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: DefinedNames;
    versions: DefinedVersion[];
    conversion?: { strategy: 'None' | 'Webhook' };
    preserveUnknownFields?: boolean;
  };
  status?: {
    conditions?: Condition[];
    acceptedNames?: Partial<DefinedNames>;
    storedVersions?: string[];
  };
}

export interface DefinedNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface DefinedVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
  /** Fields that field selectors know, as `.spec.size`. */
  selectableFields?: { jsonPath: string }[];
}

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export const storagePrefix = (group: string, plural: string): string => `/registry/${group}/${plural}`;
