import { describe, expect, test } from 'vitest';
import { ApiError } from '../status.ts';
import { decodeBody } from './decode.ts';

const deployment = { type: 'io.k8s.api.apps.v1.Deployment' };
const pod = { type: 'io.k8s.api.core.v1.Pod' };
const json = (text: string, expected: { type: string } | 'custom' = deployment) =>
  decodeBody(Buffer.from(text), 'application/json', expected === 'custom' ? undefined : expected);

function refusal(
  text: string,
  expected: { type: string } | undefined = deployment,
  mediaType = 'application/json',
): ApiError {
  try {
    decodeBody(Buffer.from(text), mediaType, expected);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('decoded');
}

test('an object comes out as Go writes it: in the order of the struct, zero structs present, empty and null fields gone', () => {
  const { object, problems } = json(
    '{"spec":{"template":{"spec":{"hostNetwork":false,"volumes":[],"nodeName":null,"containers":[{"image":"a","name":"c"}]}},"replicas":0,"selector":{}}}',
  );
  expect(problems).toEqual([]);
  expect(JSON.stringify(object)).toBe(
    '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{},"spec":{"replicas":0,"selector":{},"template":{"metadata":{},"spec":{"containers":[{"name":"c","image":"a","resources":{}}]}},"strategy":{}},"status":{}}',
  );
});

test('quantities, times and maps come out canonical', () => {
  const { object } = json(
    '{"metadata":{"labels":{"b":"1","a":"2"},"creationTimestamp":"2024-05-01T02:00:00.5+02:00"},"spec":{"overhead":{"memory":"1024Mi","cpu":1.5}}}',
    pod,
  );
  expect(JSON.stringify(object.metadata)).toBe(
    '{"creationTimestamp":"2024-05-01T00:00:00Z","labels":{"a":"2","b":"1"}}',
  );
  expect(object['spec']).toMatchObject({ overhead: { cpu: '1500m', memory: '1Gi' } });
});

test('a list without omitempty that is empty or was not given is null, as after upstream has stored it', () => {
  expect(json('{"rules":[]}', { type: 'io.k8s.api.rbac.v1.Role' }).object['rules']).toBeNull();
  expect(json('{}', { type: 'io.k8s.api.rbac.v1.Role' }).object['rules']).toBeNull();
});

test('unknown and duplicate fields are told in the order of the document, each once', () => {
  const { problems, object } = json(
    '{"spec":{"foo":{"a":1,"a":2},"replicas":1,"replicas":2,"template":{"spec":{"containers":[{"name":"a","imge":"b"}]}}},"metadata":{"labels":{"x":"1","x":"2"}}}',
  );
  expect(problems).toEqual([
    'unknown field "spec.foo"',
    'duplicate field "spec.replicas"',
    'unknown field "spec.template.spec.containers[0].imge"',
    'duplicate field "metadata.labels.x"',
  ]);
  expect(object['spec']).toMatchObject({ replicas: 2 });
  expect(object['spec']).not.toHaveProperty('foo');
});

test('a custom resource keeps what it has; duplicates and unknown metadata are told', () => {
  const { object, problems } = json(
    '{"apiVersion":"a.b/v1","kind":"W","metadata":{"name":"n","foo":1},"spec":{"x":null,"y":[],"y":[1]}}',
    'custom',
  );
  expect(problems).toEqual(['unknown field "metadata.foo"', 'duplicate field "spec.y"']);
  expect(object).toEqual({ apiVersion: 'a.b/v1', kind: 'W', metadata: { name: 'n' }, spec: { x: null, y: [1] } });
});

test('a key named __proto__ stays a key', () => {
  const { object } = json('{"metadata":{"labels":{"__proto__":"x"}}}', pod);
  expect(Object.keys(object.metadata.labels ?? {})).toEqual(['__proto__']);
  expect(json('{"spec":{"__proto__":{"replicas":3}}}').problems).toEqual(['unknown field "spec.__proto__"']);
});

const cannot = 'Deployment in version "v1" cannot be handled as a Deployment: ';
const unrecognized = 'the object provided is unrecognized (must be of type Deployment): ';

describe('refusals have the texts of a real API server', () => {
  test.each([
    [
      '{"spec":{"replicas":"x"}}',
      `${cannot}json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      '{"spec":{"replicas":1.5}}',
      `${cannot}json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      '{"spec":{"replicas":3000000000}}',
      `${cannot}json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32`,
    ],
    [
      '{"spec":{"template":{"spec":"x"}}}',
      `${cannot}json: cannot unmarshal string into Go struct field PodTemplateSpec.spec.template.spec of type v1.PodSpec`,
    ],
    [
      '{"spec":{"template":{"spec":{"containers":["x"]}}}}',
      `${cannot}json: cannot unmarshal string into Go struct field PodSpec.spec.template.spec.containers of type v1.Container`,
    ],
    [
      '{"spec":{"template":{"spec":{"containers":[{"command":"ls"}]}}}}',
      `${cannot}json: cannot unmarshal string into Go struct field Container.spec.template.spec.containers.command of type []string`,
    ],
    [
      '{"spec":{"template":{"spec":{"containers":[{"imagePullPolicy":1}]}}}}',
      `${cannot}json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.imagePullPolicy of type v1.PullPolicy`,
    ],
    [
      '{"metadata":{"labels":{"a":1}}}',
      `${cannot}json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string`,
    ],
    [
      '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":true}}}}',
      `${cannot}json: cannot unmarshal bool into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32`,
    ],
    [
      '{"spec":{"template":{"spec":{"overhead":{"cpu":"abc"}}}}}',
      `${cannot}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [
      '{"metadata":{"creationTimestamp":"abc"}}',
      `${cannot}parsing time "abc" as "2006-01-02T15:04:05Z07:00": cannot parse "abc" as "2006"`,
    ],
    [
      '{"metadata":{"creationTimestamp":"2024-02-30T00:00:00Z"}}',
      `${cannot}parsing time "2024-02-30T00:00:00Z": day out of range`,
    ],
    [
      '{"kind":"Pod","apiVersion":"v1"}',
      'Pod in version "v1" cannot be handled as a Deployment: converting (v1.Pod) to (apps.Deployment): unknown conversion',
    ],
    [
      '{"kind":"Foo","apiVersion":"apps/v1"}',
      'Foo in version "v1" cannot be handled as a Deployment: no kind "Foo" is registered for version "apps/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      '{"apiVersion":"apps/v1beta1"}',
      'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
    ],
    [
      '{"kind":5}',
      `${unrecognized}couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})`,
    ],
    ['', `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`],
    [
      '{"apiVersion":"v1","kind":"Deployment',
      `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input ({"apiVersion":"v1","kind":"Dep ...)`,
    ],
    [
      '{"a" 1}',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character '1' after object key ({"a" 1})`,
    ],
    [
      '{"a":}',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character '}' looking for beginning of value ({"a":})`,
    ],
    [
      '{a:1}',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character 'a' looking for beginning of object key string ({a:1})`,
    ],
    [
      '{"a":1} x',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character 'x' after top-level value ({"a":1} x)`,
    ],
    [
      '[1,]',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character ']' looking for beginning of value (5b312c5d)`,
    ],
    ['{"apiVersion":"a/b/c"}', `${unrecognized}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`],
  ])('%s', (text, message) => {
    const { code, reason, message: told } = refusal(text);
    expect({ code, reason, told }).toEqual({ code: 400, reason: 'BadRequest', told: message });
  });

  test('base64 names the byte', () => {
    const secret = { type: 'io.k8s.api.core.v1.Secret' };
    expect(refusal('{"data":{"a":"abc"}}', secret).message).toBe(
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    );
    expect(refusal('{"data":{"a":"ab!="}}', secret).message).toMatch(/illegal base64 data at input byte 2$/);
  });

  test('an unknown media type is a 415', () => {
    const { code, reason, message } = refusal('{}', deployment, 'text/plain');
    expect({ code, reason, message }).toEqual({
      code: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    });
  });

  test('nesting has an end', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(refusal(deep).message).toMatch(/exceeded max depth/);
    expect(refusal('['.repeat(2_000_000)).message).toMatch(/exceeded max depth|unexpected end/);
  });
});

describe('YAML', () => {
  const yaml = (text: string) => decodeBody(Buffer.from(text), 'application/yaml', deployment);

  test('reads as the same object, duplicate keys are told with their line', () => {
    const { object, problems } = yaml(
      'spec:\n  replicas: 2\n  paused: yes\nmetadata:\n  name: a\n  name: b\n  annotations: {t: "2020-01-01"}\n',
    );
    expect(object['spec']).toMatchObject({ replicas: 2, paused: true });
    expect(problems).toEqual(['yaml: unmarshal errors:\n  line 6: key "name" already set in map']);
  });

  test('aliases cannot grow without bound', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
      .join('\n')}`;
    expect(() => yaml(bomb)).toThrow(/yaml/);
  });
});
