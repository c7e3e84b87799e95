import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlane, type TestPlane } from '../test-plane.ts';
import { typeWarnings, type CheckedPolicy } from './type-checking.ts';

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
});
afterAll(() => plane[Symbol.dispose]());

const deployments = { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] };
const check = (expression: string, more: CheckedPolicy = {}): unknown =>
  typeWarnings(
    { matchConstraints: { resourceRules: [deployments] }, validations: [{ expression }], ...more },
    plane.cluster,
  ).map(({ warning }) => warning);

describe('the types of a policy’s expressions', () => {
  it('are those of what it is for', () => {
    expect(
      typeWarnings(
        {
          matchConstraints: { resourceRules: [deployments] },
          validations: [{ expression: 'object.replicas > 1' }, { expression: 'true', messageExpression: 'object.x' }],
        },
        plane.cluster,
      ),
    ).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning:
          "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
      },
      {
        fieldRef: 'spec.validations[1].messageExpression',
        warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'x'\n | object.x\n | ......^\n",
      },
    ]);
  });

  it.each([
    'object.spec.replicas > 5',
    "object.spec.template.spec.containers.all(c, c.image.startsWith('registry/') && !has(c.securityContext))",
    "has(object.metadata.labels) && object.metadata.labels['app'] == 'x'",
    "object.spec.strategy.rollingUpdate.maxSurge == '25%' || oldObject == null",
    "object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')",
    "request.operation == 'CREATE' && authorizer.group('').resource('pods').check('create').allowed()",
    "object.spec.template.spec.containers.exists(c, has(c.resources.limits) && 'cpu' in c.resources.limits)",
    'object.?spec.?replicas.orValue(1) > 0',
  ])('fit: %s', (expression) => {
    expect(check(expression)).toEqual([]);
  });

  it.each([
    ["object.spec.replicas == 'three'", "found no matching overload for '_==_' applied to '(int, string)'"],
    ['object.spec.template.spec.container.size() > 0', "undefined field 'container'"],
    ['object.spec.template.spec.containers.all(c, c.images == "x")', "undefined field 'images'"],
  ])('do not fit: %s', (expression, why) => {
    expect(check(expression)).toEqual([expect.stringContaining(why)]);
  });

  it('are looked at for each kind, and not for rules with wildcards', () => {
    const rules = [{ ...deployments, resources: ['deployments', 'daemonsets', 'deployments/scale'] }];
    expect(check('object.spec.replicas > 1', { matchConstraints: { resourceRules: rules } })).toEqual([
      expect.stringContaining('apps/v1, Kind=DaemonSet: '),
    ]);
    const any = [{ ...deployments, apiVersions: ['*'] }];
    expect(check('object.nothing', { matchConstraints: { resourceRules: any } })).toEqual([]);
  });

  it('reach through variables, and into parameters', () => {
    const variables = [{ name: 'count', expression: 'object.spec.replicas' }];
    expect(check("variables.count == 'x'", { variables })).toEqual([expect.stringContaining("'(int, string)'")]);
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(check("params.data.most == '1'", { paramKind })).toEqual([]);
    expect(check('params.spec == 1', { paramKind })).toEqual([expect.stringContaining("undefined field 'spec'")]);
  });
});
