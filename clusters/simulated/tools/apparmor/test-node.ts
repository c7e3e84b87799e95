import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../../daemons/folder-host.ts';
import { startTestPlane, type TestPlane } from '../../kubernetes/admission/test-plane.ts';
import { SILENT } from '../test-workstation.ts';
import { AA_ENABLED } from './aa-enabled.ts';
import { AA_STATUS } from './aa-status.ts';
import { APPARMOR_PARSER } from './apparmor-parser.ts';
import { PROFILE_SAMPLES } from './profile-samples.ts';

/** For tests: nodes with AppArmor's programs, which end with the test that made them. */
export function nodesOfTest(): (files?: Readonly<Record<string, string>>) => Promise<FolderHost> {
  let plane: TestPlane;
  beforeAll(async () => {
    plane = await startTestPlane();
  });
  afterAll(() => plane[Symbol.dispose]());

  let resources: AsyncDisposableStack;
  beforeEach(() => {
    resources = new AsyncDisposableStack();
  });
  afterEach(() => resources.disposeAsync());

  return async (files = {}) => {
    const host = resources.use(await FolderHost.create('node01', { ...files }, PROFILE_SAMPLES));
    const context = { host, clock: realClock, cluster: plane.cluster, processes: () => [], ...SILENT };
    for (const tool of [APPARMOR_PARSER, AA_ENABLED, AA_STATUS])
      await host.installCommand(tool.name, tool.command(context));
    return host;
  };
}
