import { timestamp } from '../../../clock.ts';
import { cloneJson, type KubeObject } from '../../object.ts';
import { badRequest, conflict, invalid, notFound } from '../../status.ts';
import { serverSideApply } from '../apply/apply.ts';
import { ownersOfScale, ownersThroughScale } from '../apply/scale-managers.ts';
import { trackUpdate } from '../apply/track.ts';
import { negotiate } from '../encode/negotiate.ts';
import { liveObject, readBody, writeContext, type ResourceExchange } from '../http/exchange.ts';
import { apiVersionOf } from '../registry/rows.ts';
import { update } from '../registry/update.ts';
import { readConfiguration } from './apply-patch.ts';
import { readObject } from './body.ts';
import { fieldValidation, judgeProblems, writeOptions } from './options.ts';
import { APPLY, parsePatch, patchedValue, patchTypeOf, retype } from './patched-object.ts';
import { SCALE, scaleOf, sendScale } from './scale-view.ts';
import { putReplicas, scalePathsOf, type ScalePaths } from './scale-paths.ts';

type Fields = Record<string, unknown>;

/** The `scale` subresource: autoscaling/v1 Scale over the object's own fields (pkg/registry/apps/deployment/storage/storage.go). */
export async function scale(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const format = negotiate(request.headers.accept);
  const paths = scalePathsOf(row);
  if (info.verb === 'get') {
    const object = liveObject(exchange);
    if (!object) throw notFound(row, info.name);
    sendScale(exchange, scaleOf(object, paths), format);
    return;
  }
  const patching = info.verb === 'patch';
  const applying = patching && patchTypeOf(exchange) === APPLY;
  const options = writeOptions(exchange, patching ? 'PatchOptions' : 'UpdateOptions', applying);
  const wanted = await (applying ? appliedScale : patching ? patchedScale : sentScale)(exchange, options);
  const context = writeContext(exchange, options);
  const { object } = await update(parts.registry, {
    row,
    namespace: info.namespace,
    name: info.name,
    context,
    mayCreate: false,
    retry: patching,
    tracked: true,
    shown: {
      of: (object) => scaleOf(object, paths),
      into: (draft, admitted) => putReplicas(draft, paths, replicasOf(admitted)),
    },
    change: (live) => {
      if (!live) return undefined;
      const before = scaleOf(live, paths);
      const owners = ownersOfScale(live.metadata.managedFields, paths.spec);
      if (owners) before.metadata.managedFields = owners;
      const after = wanted(before);
      if (!applying) {
        const now = timestamp(parts.registry.clock);
        trackUpdate({ row: SCALE, live: before, draft: after, context: { ...context, subresource: 'scale' }, now });
      }
      check(exchange, after, live);
      return scaled(live, after, paths, apiVersionOf(row));
    },
  });
  sendScale(exchange, scaleOf(object, paths), format);
}

/** Makes the wanted scale of the live one, which carries its owners. */
type ScaleChange = (live: KubeObject) => KubeObject;

async function sentScale(exchange: ResourceExchange, options: Fields): Promise<ScaleChange> {
  const body = await readObject(exchange, SCALE, options);
  return () => cloneJson(body);
}

async function patchedScale(exchange: ResourceExchange, options: Fields): Promise<ScaleChange> {
  const type = patchTypeOf(exchange);
  const { value, problems: own } = parsePatch(await readBody(exchange.request), type);
  return (live) => {
    const patched = patchedValue(live, value, type, SCALE);
    const { object, problems } = retype(patched, SCALE, () => JSON.stringify(patched), type);
    judgeProblems(exchange, [...own, ...problems], fieldValidation(options), badRequest);
    return object;
  };
}

async function appliedScale(exchange: ResourceExchange, options: Fields): Promise<ScaleChange> {
  const configuration = readConfiguration(exchange, SCALE, await readBody(exchange.request), options);
  return (live) =>
    serverSideApply({
      row: SCALE,
      live,
      configuration,
      manager: String(options['fieldManager']),
      subresource: 'scale',
      force: options['force'] === true,
      now: timestamp(exchange.parts.registry.clock),
    });
}

/** pkg/apis/autoscaling/validation ValidateScale, and the precondition of scaleUpdatedObjectInfo. */
function check({ row, info }: ResourceExchange, scale: KubeObject, live: KubeObject): void {
  const replicas = replicasOf(scale);
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid(SCALE, info.name, [{ type: 'FieldValueInvalid', field: 'spec.replicas', message }]);
  }
  const { uid } = scale.metadata;
  if (uid && uid !== live.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    throw conflict({ ...row, plural: `${row.plural}/scale` }, info.name, why);
  }
}

/** The object with the replicas, the version and the owners that its scale has now. */
function scaled(live: KubeObject, scale: KubeObject, paths: ScalePaths, apiVersion: string): KubeObject {
  const draft = cloneJson(live);
  putReplicas(draft, paths, replicasOf(scale));
  const { resourceVersion, managedFields } = scale.metadata;
  if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
  else delete draft.metadata.resourceVersion;
  const owners = ownersThroughScale(live.metadata.managedFields, managedFields, paths.spec, apiVersion);
  if (owners) draft.metadata.managedFields = owners;
  else delete draft.metadata.managedFields;
  return draft;
}

const replicasOf = (scale: KubeObject): number => Number((scale['spec'] as Fields | undefined)?.['replicas'] ?? 0);
