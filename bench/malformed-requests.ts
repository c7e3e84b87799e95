// Longer than a sitting: it is one table of ways to go wrong, whose rows are read one at a time.
import { encodeProtobuf } from '../clusters/simulated/kubernetes/model/protobuf.ts';
import type { KubeObject } from '../clusters/simulated/kubernetes/object.ts';

/** One request as bytes on the wire. */
export interface MalformedRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The client closes its side behind it, though the request may not be whole. */
  readonly halfClosed: boolean;
}

/** A whole number from 0 up to but without the limit. */
type Draw = (limit: number) => number;

/** A seeded source of numbers (mulberry32), so that a failure can be had again. */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'fuzz', namespace: 'default', labels: { app: 'fuzz' } },
  spec: {
    containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }],
  },
};
const configMap: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'fuzz' }, data: { a: 'b' } };
const PODS = '/api/v1/namespaces/default/pods';
const MAPS = '/api/v1/namespaces/default/configmaps';
const YAML = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fuzz\n  labels: {a: b}\ndata:\n  key: |\n    text\n';
const SCRAPS = [
  'null',
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u12',
  '1e999',
  '-',
  'tru',
  '\u0000',
  '\u00ff',
  '9'.repeat(40),
];
const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e300,
  1.5,
  '',
  'x'.repeat(300),
  true,
  [],
  {},
  [null],
  [[]],
  { '': '' },
  '2026-01-01',
  'é\u2028<',
];

const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)]!;

/** Damages a text or bytes: cut, flipped, repeated, with scraps put in. */
function damaged(draw: Draw, text: string | Buffer): Buffer {
  let bytes = Buffer.from(text as string);
  for (let times = 1 + draw(4); times > 0; times--) {
    const at = draw(bytes.length + 1);
    switch (draw(4)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
        if (bytes.length > 0) bytes[draw(bytes.length)] = draw(256);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(draw, SCRAPS)), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - draw(40)))]);
    }
  }
  return bytes;
}

/** A valid object with one value somewhere replaced by another that does not belong there. */
function misfit(draw: Draw, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || draw(5) === 0) return pick(draw, VALUES);
  if (Array.isArray(value)) {
    const at = draw(value.length || 1);
    return value.map((item: unknown, index) => (index === at ? misfit(draw, item) : item));
  }
  const names = Object.keys(value);
  const name = draw(8) === 0 ? pick(draw, ['unknown', '__proto__', 'constructor', '', 'a/b']) : pick(draw, names);
  return { ...value, [name]: misfit(draw, (value as Record<string, unknown>)[name]) };
}

const nested = (draw: Draw): string => {
  const depth = 50 + draw(30_000);
  const [open, close] = pick(draw, [
    ['{"a":', '}'],
    ['[', ']'],
  ] as const);
  return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"data":${open.repeat(depth)}1${close.repeat(depth)}}`;
};

const JSON_TYPE = 'application/json';
const PATCHES = [
  'application/strategic-merge-patch+json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
];

interface Wanted {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly accept?: string;
  readonly body?: Buffer;
}

function request({ method, path, type, accept, body }: Wanted): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nHost: lab\r\nUser-Agent: fuzz\r\n${
    accept === undefined ? '' : `Accept: ${accept}\r\n`
  }${type === undefined ? '' : `Content-Type: ${type}\r\n`}${body === undefined ? '' : `Content-Length: ${body.length}\r\n`}\r\n`;
  return body === undefined ? Buffer.from(head, 'latin1') : Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

const text = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const QUERIES = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'dryRun',
  'fieldValidation',
  'fieldManager',
  'force',
  'pretty',
  'timeoutSeconds',
  'gracePeriodSeconds',
  'propagationPolicy',
  'includeObject',
];

const KINDS: Readonly<Record<string, (draw: Draw) => Buffer>> = {
  'json damaged': (draw) =>
    request({
      method: 'POST',
      path: PODS,
      type: JSON_TYPE,
      body: damaged(draw, JSON.stringify(pick(draw, [pod, configMap]))),
    }),
  'json misfit': (draw) =>
    request({
      method: pick(draw, ['POST', 'PUT']),
      path: pick(draw, [PODS, MAPS, `${MAPS}/fuzz`, `${PODS}/fuzz`]) + pick(draw, ['', '?fieldValidation=Strict']),
      type: JSON_TYPE,
      body: text(misfit(draw, pick(draw, [pod, configMap]))),
    }),
  'json nested': (draw) => request({ method: 'POST', path: MAPS, type: JSON_TYPE, body: text(nested(draw)) }),
  'patch nested': (draw) =>
    request({
      method: 'PATCH',
      path: `${MAPS}/target?fieldManager=f`,
      type: pick(draw, PATCHES),
      body: text(nested(draw)),
    }),
  'yaml damaged': (draw) =>
    request({ method: 'POST', path: MAPS, type: 'application/yaml', body: damaged(draw, YAML) }),
  'yaml aliases': (draw) => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 3 + draw(12); i++) lines.push(`a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
    return request({
      method: 'POST',
      path: MAPS,
      type: 'application/yaml',
      body: text(`${YAML}${lines.join('\n')}\n`),
    });
  },
  'protobuf damaged': (draw) =>
    request({
      method: 'POST',
      path: PODS,
      type: 'application/vnd.kubernetes.protobuf',
      body: damaged(draw, encodeProtobuf(pod, 'io.k8s.api.core.v1.Pod')),
    }),
  'patch damaged': (draw) =>
    request({
      method: 'PATCH',
      path:
        pick(draw, [
          `${MAPS}/target`,
          `${PODS}/target/status`,
          '/apis/apps/v1/namespaces/default/deployments/target/scale',
        ]) + pick(draw, ['', '?fieldManager=f', '?fieldManager=f&force=true&fieldValidation=Strict']),
      type: pick(draw, PATCHES),
      body: pick(draw, [
        () => damaged(draw, JSON.stringify({ data: { a: 'c' }, metadata: { labels: { x: 'y' } } })),
        () => text(misfit(draw, configMap)),
        () => text([misfit(draw, { op: 'replace', path: '/data/a', value: 'x' })]),
        () =>
          text({
            $patch: pick(draw, VALUES),
            data: { $retainKeys: pick(draw, VALUES), '$deleteFromPrimitiveList/x': 1 },
          }),
        () =>
          text({
            metadata: { managedFields: misfit(draw, [{ manager: 'x', operation: 'Update', fieldsV1: { 'f:a': {} } }]) },
          }),
      ])(),
    }),
  'media type': (draw) =>
    request({
      method: 'POST',
      path: MAPS,
      type: pick(draw, ['text/plain', 'application/xml', ';;', 'application/json; charset=x', 'a'.repeat(5000)]),
      accept: pick(draw, ['text/html', '*/*;q=x', 'application/json;as=Table;v=v9;g=x', ',,,', 'image/png']),
      body: text(configMap),
    }),
  query: (draw) => {
    const values = [
      '',
      'x',
      '-1',
      '99999999999999999999',
      '%',
      '%00',
      '%ff%fe',
      'a in (',
      'a=b,,',
      '!',
      'eyJ2IjoibWV0YSJ9',
      `${'a=b,'.repeat(1 + draw(2000))}c=d`,
    ];
    const query = `${pick(draw, QUERIES)}=${pick(draw, values)}&${pick(draw, QUERIES)}=${pick(draw, values)}`;
    // Nothing that is there is deleted, or later requests would find nothing.
    const [method, path] = pick(draw, [
      ['GET', PODS],
      ['GET', MAPS],
      ['GET', `${MAPS}/target`],
      ['DELETE', `${MAPS}/none`],
    ] as const);
    return request({ method, path: `${path}?${query.replaceAll(' ', '%20')}` });
  },
  path: (draw) =>
    request({
      method: pick(draw, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE']),
      path: pick(draw, [
        '//api//v1//pods',
        '/api/v1/namespaces/%00/pods',
        '/api/v1/namespaces/%2e%2e/pods/..%2f',
        '/apis/apps/v1/namespaces/default/deployments/x/scale/y/z',
        `/api/v1/${'a/'.repeat(500)}`,
        '/apis/__proto__/constructor/hasOwnProperty',
        '/openapi/v3/apis/../../x',
        '/api/v1/namespaces/default/pods/x/proxy/a/b?c=d',
        '/api/v1/watch',
      ]),
      ...(draw(2) === 0 ? {} : { type: JSON_TYPE, body: text('{') }),
    }),
  'delete options': (draw) =>
    request({
      method: 'DELETE',
      path: `${MAPS}/none`,
      type: pick(draw, [JSON_TYPE, 'application/yaml', 'application/vnd.kubernetes.protobuf']),
      body: damaged(draw, '{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"x"}}'),
    }),
  'http damaged': (draw) => damaged(draw, request({ method: 'GET', path: PODS })),
  'too large': (draw) =>
    request({
      method: pick(draw, ['POST', 'PUT']),
      path: MAPS,
      type: JSON_TYPE,
      body: Buffer.alloc(3 * 1024 * 1024 + 1 + draw(1000), 0x20),
    }),
};

const NAMES = Object.keys(KINDS);

/** Endless bad requests. Large ones are rare, or they would be all that is measured. */
export function* malformedRequests(draw: Draw): Generator<MalformedRequest> {
  for (;;) {
    let kind = pick(draw, NAMES);
    if ((kind === 'too large' || kind.endsWith('nested')) && draw(40) !== 0) kind = 'json damaged';
    const bytes = KINDS[kind]!(draw);
    const halfClosed = kind === 'http damaged' || draw(50) === 0;
    yield { kind, bytes: halfClosed && draw(2) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes, halfClosed };
  }
}
