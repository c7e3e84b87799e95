import { timestamp } from '../../../clock.ts';
import { SYSTEM_USER } from '../../authentication/user.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource, Subresource } from '../../resources/resource.ts';
import { setDeprecation } from '../deprecation.ts';
import { setScalePaths } from '../endpoints/scale-paths.ts';
import { ApiError } from '../../status.ts';
import type { Registry } from '../registry/context.ts';
import { byVersion } from '../discovery/discovery.ts';
import { awaitsCleanup, cleanUp } from './cleanup.ts';
import { printerColumns } from './columns.ts';
import { storagePrefix, type DefinedVersion, type Definition } from './definition.ts';
import type { Condition } from '../../resources/custom/conditions.ts';
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
  const refresh = (): void => {
    const rows = shelf.list('').flatMap((definition) => {
      let own = made.get(definition);
      if (!own) {
        own = rowsOf(definition as Definition);
        made.set(definition, own);
      }
      return own;
    });
    registry.rows.setCustom(rows);
  };
  return shelf.listen((event) => {
    const definition = event.object as Definition;
    refresh();
    if (event.type === 'DELETED') return;
    if (!isEstablished(definition)) void establish(registry, definition);
    if (awaitsCleanup(definition)) void cleanUp(registry, definition);
  });
}

const isEstablished = ({ status }: Definition): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;

async function establish(registry: Registry, { metadata }: Definition): Promise<void> {
  const row = registry.rows.byPlural('customresourcedefinitions', 'apiextensions.k8s.io');
  if (!row) return;
  const now = timestamp(registry.clock);
  const condition = (type: string, reason: string, message: string): Condition => ({
    lastTransitionTime: now,
    message,
    reason,
    status: 'True',
    type,
  });
  try {
    await registry.cluster.modify(
      row,
      { namespace: '', name: metadata.name },
      (draft) => {
        const definition = draft as Definition;
        if (isEstablished(definition)) return false;
        definition.status = {
          ...definition.status,
          conditions: [
            condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
            condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
          ],
          acceptedNames: definition.spec.names,
          storedVersions: definition.spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
        };
        return true;
      },
      { user: SYSTEM_USER, fieldManager: 'kube-apiserver', subresource: 'status' },
    );
  } catch {
    // Gone or changed meanwhile: the event of that change comes here again.
  }
}

function rowsOf(definition: Definition): Resource[] {
  const { spec } = definition;
  // Validation has the last word on definitions; one that slipped through serves nothing.
  if (!Array.isArray(spec?.versions) || !spec.names?.plural || !spec.names.kind || !spec.group) return [];
  const stored = spec.versions.find(({ storage }) => storage)?.name;
  return spec.versions
    .filter(({ served }) => served)
    .toSorted((a, b) => byVersion(a.name, b.name))
    .map((version) => rowOf(definition, version, `${spec.group}/${stored}`));
}

function rowOf(definition: Definition, version: DefinedVersion, storedVersion: string): Resource {
  const { spec } = definition;
  const { names, group } = spec;
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
