import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { ApiError, badRequest, type StatusCause } from '../../status.ts';
import { canonical, emptyOf } from '../registry/canonical.ts';
import { apiVersionOf } from '../registry/rows.ts';
import { compare, ownedRoots } from './compare.ts';
import { decodeManagers, sameManager, withSet, type Manager } from './managers.ts';
import {
  difference,
  emptySet,
  intersection,
  isEmpty,
  pathText,
  paths,
  sameSet,
  union,
  type FieldSet,
} from './field-set.ts';
import { mergeConfiguration, prune } from './merge.ts';
import { clientSideOwned, syncLastApplied } from './last-applied.ts';
import type { ServerSideApply } from './request.ts';
import { setManagers } from './track.ts';
import { misfits } from './misfits.ts';
import { fieldsOf } from './typed-patch.ts';

/**
 * Server-side apply (apimachinery/pkg/util/managedfields and structured-merge-diff merge.Updater.Apply). Returns the wanted state as a
 * draft with managedFields settled. Throws 409 with causes of reason FieldManagerConflict.
 */
export function serverSideApply(request: ServerSideApply): KubeObject {
  const { row, live, configuration, force, now } = request;
  if (configuration.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const wrong = misfits(configuration, row);
  if (wrong.length > 0) {
    const { namespace, name } = configuration.metadata;
    const text = wrong.length === 1 ? wrong[0]! : `errors:\n${wrong.map((line) => `  ${line}`).join('\n')}`;
    const version = `${row.group}/${row.version}`;
    throw new ApiError(
      500,
      '',
      `failed to create typed patch object (${namespace ?? ''}/${name}; ${version}, Kind=${row.kind}): ${text}`,
    );
  }
  const owned = ownedRoots(row, request.subresource);
  const applier = {
    name: request.manager,
    operation: 'Apply' as const,
    apiVersion: apiVersionOf(row),
    subresource: request.subresource,
  };
  const before = live ?? emptyOf(row);
  const managers = decodeManagers(live?.metadata.managedFields);
  const last = managers.find((manager) => sameManager(manager, applier));
  const others = adopt(
    managers.filter((manager) => manager !== last),
    live,
    row,
    owned,
    last,
  );
  const set = fieldsOf(configuration, row, owned);

  let merged = mergeConfiguration(before, configuration, row);
  if (last)
    merged = prune(
      merged,
      row,
      last.set,
      others.reduce((sum, manager) => union(sum, manager.set), set),
    );
  const draft = structuredClone(merged);
  const changes = compare(before, canonical(draft, row), row, owned);
  const touched = union(changes.modified, changes.added);
  const conflicts = others.flatMap((manager) => {
    const clash = intersection(manager.set, touched);
    return isEmpty(clash) ? [] : [{ manager, clash }];
  });
  if (conflicts.length > 0 && !force) {
    const kept = clientSideOwned(request, owned);
    const serious = conflicts.flatMap(({ manager, clash }) => {
      const rest = difference(clash, kept);
      return isEmpty(rest) ? [] : [{ manager, clash: rest }];
    });
    if (serious.length > 0) throw conflictsOf(serious);
  }
  if (live) syncLastApplied(request, draft);
  const own: Manager =
    last && sameSet(last.set, set) && changes.same ? last : { ...applier, set, time: now, entry: undefined };
  const rest = others.map((manager) => withSet(manager, difference(difference(manager.set, touched), changes.removed)));
  setManagers(draft, [own, ...rest]);
  return draft;
}

/** An object from before anyone tracked it: all it has belongs to `before-first-apply`, so that applying does not silently take it. */
function adopt(
  others: Manager[],
  live: KubeObject | undefined,
  row: Resource,
  owned: (field: string) => boolean,
  last: Manager | undefined,
): Manager[] {
  if (!live || last || others.length > 0) return others;
  const set: FieldSet = fieldsOf(live, row, owned);
  return [
    {
      name: 'before-first-apply',
      operation: 'Update',
      apiVersion: apiVersionOf(row),
      subresource: '',
      time: live.metadata.creationTimestamp,
      set: isEmpty(set) ? emptySet() : set,
      entry: undefined,
    },
  ];
}

interface Clash {
  readonly manager: Manager;
  readonly clash: FieldSet;
}

/** managedfields/internal/conflict.go: the text that kubectl prints, and a cause for each field. */
function conflictsOf(clashes: readonly Clash[]): ApiError {
  const named = clashes.map(({ manager, clash }) => ({
    who: describe(manager),
    fields: [...paths(clash)].map(pathText),
  }));
  named.sort((a, b) => (a.who < b.who ? -1 : 1));
  const causes: StatusCause[] = named.flatMap(({ who, fields }) =>
    fields.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  const text =
    causes.length === 1
      ? `conflict with ${named[0]!.who}: ${causes[0]!.field}`
      : named
          .map(({ who, fields }) => `conflicts with ${who}:\n${fields.map((field) => `- ${field}`).join('\n')}`)
          .join('\n');
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${text}`, { causes });
}

function describe({ name, operation, subresource, apiVersion }: Manager): string {
  const through = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
