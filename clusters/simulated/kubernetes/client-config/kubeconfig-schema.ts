import { plainField } from '../model/plain-field.ts';
import type { Shape, TypeSchema } from '../model/schema.ts';

const text: Shape = { is: 'string' };
const bool: Shape = { is: 'bool' };
const bytes: Shape = { is: 'bytes' };
const anything: Shape = { is: 'any', as: 'json' };

/** A struct that no protobuf, patch or OpenAPI document knows: names and shapes are all there is to it. */
function struct(name: string, shapes: Readonly<Record<string, Shape>>): TypeSchema {
  const fields = Object.entries(shapes).map(([field, shape]) => plainField(field, shape, { goType: goTypeOf(shape) }));
  const byName = new Map(fields.map((field) => [field.name, field]));
  return { name, fields, wire: [], atomic: false, field: (field) => byName.get(field) };
}

function goTypeOf(shape: Shape): string {
  switch (shape.is) {
    case 'object':
      return shape.type.name;
    case 'list':
      return `[]${goTypeOf(shape.of)}`;
    case 'map':
      return `map[string]${goTypeOf(shape.of)}`;
    case 'bytes':
      return '[]uint8';
    default:
      return shape.is;
  }
}

const list = (of: Shape): Shape => ({ is: 'list', of, message: false });
const named = (name: string, key: string, type: TypeSchema): Shape =>
  list({ is: 'object', type: struct(name, { name: text, [key]: { is: 'object', type } }) });

const CLUSTER = struct('v1.Cluster', {
  server: text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': bool,
  'certificate-authority': text,
  'certificate-authority-data': bytes,
  'proxy-url': text,
  'disable-compression': bool,
});

const USER = struct('v1.AuthInfo', {
  'client-certificate': text,
  'client-certificate-data': bytes,
  'client-key': text,
  'client-key-data': bytes,
  token: text,
  tokenFile: text,
  as: text,
  'as-uid': text,
  'as-groups': list(text),
  username: text,
  password: text,
  'auth-provider': anything,
  exec: anything,
});

const CONTEXT = struct('v1.Context', { cluster: text, user: text, namespace: text });

/** A kubeconfig as its file has it (client-go/tools/clientcmd/api/v1/types.go). */
export const KUBECONFIG = struct('v1.Config', {
  kind: text,
  apiVersion: text,
  clusters: named('v1.NamedCluster', 'cluster', CLUSTER),
  users: named('v1.NamedAuthInfo', 'user', USER),
  contexts: named('v1.NamedContext', 'context', CONTEXT),
  'current-context': text,
});
