import { timestamp } from '../../../clock.ts';
import { SYSTEM_USER } from '../../authentication/user.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource, Subresource } from '../../resources/resource.ts';
import { setDeprecation } from '../deprecation.ts';
import { setScalePaths } from '../endpoints/scale-paths.ts';
import { ApiError } from '../../status.ts';
import type { Registry } from '../registry/context.ts';
import { equal } from '../../model/equality.ts';
import { byVersion } from '../discovery/discovery.ts';
import { awaitsCleanup, cleanUp } from './cleanup.ts';
import { printerColumns } from './columns.ts';
import { storagePrefix, type DefinedVersion, type Definition } from './definition.ts';
import { acceptNames, namesAreSettled } from './names.ts';
import { withCondition, type Condition } from '../../resources/custom/conditions.ts';
import type { JsonSchema } from '../../resources/custom/schema.ts';
import { fillDefaults } from '../../resources/custom/structural.ts';
import { customWarnings, validateCustom, validateCustomStatus } from '../../resources/custom/validate.ts';

const PREFIX = '/registry/apiextensions.k8s.io/customresourcedefinitions';
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] as const;
const STATUS_VERBS = ['get', 'patch', 'update'];

/**
 * Turns CustomResourceDefinitions into rows as they come, change and go, and says so in their status (the naming, establishing and
 * finalizing controllers of apiextensions-apiserver).
 */
export function serveCustomResources(registry: Registry): Disposable {
  const shelf = registry.store.shelf(PREFIX);
  const made = new WeakMap<KubeObject, readonly Resource[]>();
  const all = (): readonly Definition[] => shelf.list('') as readonly Definition[];
  const refresh = (): void => {
    const definitions = all();
    // One whose names are free is served at once: its establishing is only a moment away.
    const served = definitions.filter((one) => isEstablished(one) || namesAreFree(one, definitions));
    const rows = served.flatMap((definition) => {
      let own = made.get(definition);
      if (!own) {
        own = rowsOf(definition);
        made.set(definition, own);
      }
      return own;
    });
    registry.rows.setCustom(rows);
  };
  return shelf.listen((event) => {
    const definition = event.object as Definition;
    refresh();
    // Whoever goes, or changes its names, may free one that another of the group waits for.
    for (const other of all()) if (other.spec?.group === definition.spec?.group) void settleNames(registry, other, all);
    if (event.type === 'DELETED') return;
    if (awaitsCleanup(definition)) void cleanUp(registry, definition);
  });
}

const namesAreFree = (definition: Definition, all: readonly Definition[]): boolean =>
  isNamed(definition) && acceptNames(definition, all).condition.status === 'True';

/** Validation has the last word on definitions; one that slipped through serves nothing. */
const isNamed = ({ spec }: Definition): boolean =>
  Boolean(spec?.names?.plural && spec.names.kind && spec.group) && Array.isArray(spec.versions);

const isEstablished = ({ status }: Definition): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;

/** The status that the naming and establishing controllers write, in one step. */
async function settleNames(registry: Registry, seen: Definition, all: () => readonly Definition[]): Promise<void> {
  const row = registry.rows.byPlural('customresourcedefinitions', 'apiextensions.k8s.io');
  if (!row || !isNamed(seen) || (isEstablished(seen) && namesAreSettled(seen))) return;
  const now = timestamp(registry.clock);
  try {
    await registry.cluster.modify(
      row,
      { namespace: '', name: seen.metadata.name },
      (draft) => {
        const definition = draft as Definition;
        const { acceptedNames, condition } = acceptNames(definition, all());
        const before = definition.status?.conditions;
        const established = isEstablished(definition) ? [] : [establishedBy(condition)];
        const conditions = [condition, ...established].reduce(
          (list, one) => withCondition(list, { ...one, lastTransitionTime: now }),
          before ?? [],
        );
        if (equal(conditions, before) && equal(acceptedNames, definition.status?.acceptedNames)) return false;
        definition.status = {
          ...definition.status,
          conditions,
          acceptedNames,
          storedVersions: storedVersionsOf(definition),
        };
        return true;
      },
      { user: SYSTEM_USER, fieldManager: 'kube-apiserver', subresource: 'status' },
    );
  } catch {
    // Gone or changed meanwhile: the event of that change comes here again.
  }
}

const establishedBy = ({ status }: Condition): Condition =>
  status === 'True'
    ? {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }
    : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };

const storedVersionsOf = ({ spec, status }: Definition): string[] =>
  status?.storedVersions ?? spec.versions.filter(({ storage }) => storage).map(({ name }) => name);

function rowsOf(definition: Definition): Resource[] {
  if (!isNamed(definition)) return [];
  const { spec } = definition;
  const stored = spec.versions.find(({ storage }) => storage)?.name;
  return spec.versions
    .filter(({ served }) => served)
    .toSorted((a, b) => byVersion(a.name, b.name))
    .map((version) => rowOf(definition, version, `${spec.group}/${stored}`));
}

function rowOf(definition: Definition, version: DefinedVersion, storedVersion: string): Resource {
  const { spec, status: settled } = definition;
  // An established definition goes by what was accepted, whatever it asks for by now.
  const names = { ...spec.names, ...(isEstablished(definition) ? settled?.acceptedNames : {}) };
  const { group } = spec;
  const schema: JsonSchema = version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true };
  const { scale, status } = version.subresources ?? {};
  const subresources: Subresource[] = [
    ...(status ? [{ name: 'status', kind: names.kind, verbs: STATUS_VERBS }] : []),
    ...(scale ? [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: STATUS_VERBS }] : []),
  ];
  const checks = { schema, scale };
  const own = `${group}/${version.name}`;
  const warning = version.deprecated ? (version.deprecationWarning ?? `${own} ${names.kind} is deprecated`) : undefined;
  const row: Resource = Object.freeze({
    group,
    version: version.name,
    kind: names.kind,
    ...(names.listKind === undefined ? {} : { listKind: names.listKind }),
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    verbs: VERBS,
    subresources,
    type: '',
    schema: schema as Readonly<Record<string, unknown>>,
    storagePrefix: storagePrefix(group, names.plural),
    columns: printerColumns(version.additionalPrinterColumns),
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    ...(own === storedVersion
      ? {}
      : {
          conversion: {
            toStorage: (object: KubeObject) => ({ ...object, apiVersion: storedVersion }),
            fromStorage: (object: KubeObject) => ({ ...object, apiVersion: own }),
          },
        }),
    strategy: {
      generation: true,
      unconditionalUpdate: false,
      prepareForCreate: () => refuseWhileTerminating(definition),
      defaults: (draft: KubeObject) => fillDefaults(draft, schema),
      validate: (object: KubeObject) => validateCustom(object, undefined, checks),
      validateUpdate: (object: KubeObject, old: KubeObject, subresource: string) =>
        subresource === 'status' ? validateCustomStatus(object, old, checks) : validateCustom(object, old, checks),
      warnings: (object: KubeObject, old: KubeObject | undefined) => customWarnings(object, old, checks),
    },
  });
  if (warning !== undefined) setDeprecation(row, warning);
  if (scale) {
    setScalePaths(row, {
      spec: fieldPath(scale.specReplicasPath),
      status: fieldPath(scale.statusReplicasPath),
      selector: scale.labelSelectorPath === undefined ? undefined : fieldPath(scale.labelSelectorPath),
    });
  }
  return row;
}

/** `.spec.size` */
const fieldPath = (path: string): string[] => path.split('.').filter((name) => name !== '');

/** customresource_handler.go: nothing new comes to what is being cleared away. */
function refuseWhileTerminating({ spec, status }: Definition): void {
  const terminates = status?.conditions?.some(({ type, status }) => type === 'Terminating' && status === 'True');
  if (!terminates) return;
  const message = 'create not allowed while custom resource definition is terminating';
  throw new ApiError(405, 'MethodNotAllowed', message, { group: spec.group, kind: spec.names.plural });
}
