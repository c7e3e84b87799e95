import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBed, type TestBed } from './test-bed.ts';

const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

const conditions = async () => (await bed.call('GET', `${GROUP}/flowschemas/mine`)).json['status']!['conditions'];

it('tells of a flow schema whether its priority level exists, as levels come and go', async () => {
  await bed.call('POST', `${GROUP}/flowschemas`, {
    metadata: { name: 'mine' },
    spec: { priorityLevelConfiguration: { name: 'own' }, matchingPrecedence: 9000 },
  });
  const start = 'This FlowSchema references the PriorityLevelConfiguration object named "own"';
  const missing = {
    type: 'Dangling',
    status: 'True',
    reason: 'NotFound',
    message: `${start} but there is no such object`,
  };
  expect(await conditions()).toMatchObject([missing]);
  const level = {
    metadata: { name: 'own' },
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  };
  await bed.call('POST', `${GROUP}/prioritylevelconfigurations`, level);
  const found = { type: 'Dangling', status: 'False', reason: 'Found', message: `${start} and it exists` };
  expect(await conditions()).toMatchObject([found]);
  await bed.call('DELETE', `${GROUP}/prioritylevelconfigurations/own`);
  expect(await conditions()).toMatchObject([missing]);
});
