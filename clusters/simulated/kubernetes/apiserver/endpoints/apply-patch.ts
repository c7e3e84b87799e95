import { timestamp } from '../../../clock.ts';
import { countKeys, UnmarshalError } from '../../model/typed.ts';
import { parseYaml } from '../../model/yaml-text.ts';
import { deepFreeze, type KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { badRequest, conflict } from '../../status.ts';
import { serverSideApply } from '../apply/apply.ts';
import { isFields } from '../apply/field-schema.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { mustAllow } from '../http/must-allow.ts';
import { asServed } from '../registry/convert.ts';
import { fieldValidation, judgeProblems } from './options.ts';
import { retype } from './patched-object.ts';

/** How a server-side apply changes, or makes, the object. */
export function applyChange(
  exchange: ResourceExchange,
  body: Buffer,
  options: Readonly<Record<string, unknown>>,
): (live: KubeObject | undefined) => Promise<KubeObject> {
  const { row, info, parts } = exchange;
  const configuration = readConfiguration(exchange, row, body, options);
  return async (live) => {
    // An apply that makes an object needs the verb `create` as well.
    if (!live) await mustAllow(exchange, 'create');
    if (!live && configuration.metadata.uid) {
      throw conflict(
        row,
        info.name,
        `uid mismatch: the provided object specified uid ${configuration.metadata.uid}, and no existing object was found`,
      );
    }
    const merged = serverSideApply({
      row,
      live: live && asServed(live, row),
      configuration,
      manager: String(options['fieldManager']),
      subresource: info.subresource,
      force: options['force'] === true,
      now: timestamp(parts.registry.clock),
    });
    deepFreeze(merged.metadata.managedFields); // settled, so that they are shared instead of read again
    const { object } = retype(merged, row, () => JSON.stringify(merged));
    if (configuration.metadata.resourceVersion)
      object.metadata.resourceVersion = configuration.metadata.resourceVersion;
    else delete object.metadata.resourceVersion;
    return object;
  };
}

/** The configuration of an apply, of the kind that `row` names. Throws 400; tells of fields that it names twice. */
export function readConfiguration(
  exchange: ResourceExchange,
  row: Resource,
  body: Buffer,
  options: Readonly<Record<string, unknown>>,
): KubeObject {
  const { configuration, duplicates } = parseConfiguration(body, row, exchange.info.name, exchange.info.namespace);
  judgeProblems(exchange, duplicates, fieldValidation(options), (text) =>
    badRequest(`error strict decoding YAML: ${text.replace('strict decoding error: ', '')}`),
  );
  return configuration;
}

function parseConfiguration(body: Buffer, row: Resource, name: string, namespace: string) {
  const text = body.toString();
  let value: unknown;
  let duplicates: readonly string[] = [];
  if (/^\s*\{/.test(text)) {
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined; // YAML, then, that only looks like JSON
    }
  }
  try {
    if (value === undefined) ({ value, problems: duplicates } = parseYaml(text));
    countKeys(value); // refuses what is nested too deeply to be worked on
  } catch (error) {
    if (!(error instanceof UnmarshalError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
  if (!isFields(value))
    throw badRequest('error decoding YAML: json: cannot unmarshal into Go value of type map[string]interface {}');
  const configuration = value as unknown as KubeObject;
  const apiVersion = row.group === '' ? row.version : `${row.group}/${row.version}`;
  if (configuration.apiVersion === undefined || configuration.kind === undefined) {
    throw badRequest(`invalid object type: ${configuration.apiVersion ?? ''}, Kind=${configuration.kind ?? ''}`);
  }
  if (configuration.apiVersion !== apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${configuration.apiVersion}, expected: ${apiVersion}`,
    );
  }
  configuration.metadata = isFields(configuration.metadata) ? configuration.metadata : { name };
  configuration.metadata.name ||= name;
  if (row.namespaced) configuration.metadata.namespace ||= namespace;
  return { configuration, duplicates };
}
