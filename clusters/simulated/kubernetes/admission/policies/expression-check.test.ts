import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { startTestPlane, type TestPlane } from '../test-plane.ts';

const API = 'admissionregistration.k8s.io/v1';
let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
});
afterAll(() => plane[Symbol.dispose]());

describe('what a policy may say when it is written', () => {
  const validating = (expression: string, spec: object = {}): Promise<KubeObject> =>
    plane.create(
      {
        apiVersion: API,
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'written' },
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          },
          validations: [{ expression }],
          ...spec,
        },
      },
      undefined,
      { dryRun: true },
    );
  const refusal =
    'ValidatingAdmissionPolicy.admissionregistration.k8s.io "written" is invalid: spec.validations[0].expression: Invalid value: ';

  it.each([
    [
      'foo.bar',
      `"foo.bar": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^`,
    ],
    [
      'params.x == 1',
      `"params.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^`,
    ],
    ['object.spec.hostNetwork', '"object.spec.hostNetwork": must evaluate to bool'],
    ['1 + 1', '"1 + 1": must evaluate to bool'],
    [
      'variables.nope',
      `"variables.nope": compilation failed: ERROR: <input>:1:10: undefined field 'nope'\n | variables.nope\n | .........^`,
    ],
  ])('refuses %s', async (expression, why) => {
    await expect(validating(expression)).rejects.toThrow(refusal + why);
  });

  it('takes what the request says for text', async () => {
    const who = [{ key: 'who', valueExpression: 'request.userInfo.username' }];
    expect((await validating('true', { auditAnnotations: who })).metadata.name).toBe('written');
  });

  it('takes variables for what their expressions give', async () => {
    const variables = [
      { name: 'names', expression: 'object.spec.containers.map(c, c.name)' },
      { name: 'fine', expression: "variables.names.all(n, n != 'bad')" },
    ];
    await validating('variables.fine', { variables });
    await expect(validating('variables.names', { variables })).rejects.toThrow('must evaluate to bool');
  });
});
