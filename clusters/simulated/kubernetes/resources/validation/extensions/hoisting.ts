import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  SelectableField,
} from '../../../model/generated/objects.ts';
import { sameValue } from '../immutable.ts';

/** What a version, or all of them alike, say about the resource. */
export interface VersionParts {
  readonly schema?: CustomResourceValidation;
  readonly subresources?: CustomResourceSubresources;
  readonly additionalPrinterColumns?: readonly CustomResourceColumnDefinition[];
  readonly selectableFields?: readonly SelectableField[];
}

const PARTS = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

export interface Hoisted {
  readonly versions: readonly CustomResourceDefinitionVersion[];
  /** What every version said in the same words: findings of it are on `spec.validation` and its like. */
  readonly shared: VersionParts;
}

/**
 * A spec as the internal version has it (apiextensions/v1/conversion.go): what all versions have in common is moved out of them. With
 * one version that is everything.
 */
export function hoisted({ versions = [] }: Partial<CustomResourceDefinitionSpec>): Hoisted {
  const [first] = versions;
  if (first === undefined) return { versions, shared: {} };
  const common = PARTS.filter((part) => versions.every((version) => sameValue(version[part], first[part])));
  return {
    versions: versions.map((version) => {
      const rest = { ...version };
      for (const part of common) delete rest[part];
      return rest;
    }),
    shared: Object.fromEntries(common.flatMap((part) => (first[part] === undefined ? [] : [[part, first[part]]]))),
  };
}

/** `spec.versions` as a 422 shows it. */
export const shownVersions = (versions: readonly CustomResourceDefinitionVersion[]): object[] =>
  versions.map((version) => ({
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema ?? null,
    Subresources: version.subresources ?? null,
    AdditionalPrinterColumns: version.additionalPrinterColumns ?? null,
    SelectableFields: version.selectableFields ?? null,
  }));
