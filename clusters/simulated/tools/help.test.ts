import { afterAll, describe, expect, test } from 'vitest';
import { FolderHost } from '../daemons/folder-host.ts';
import { BOM_HELP } from './bom/help.ts';
import { BOM_TOOL } from './bom/bom.ts';
import { COSIGN } from './cosign/cosign.ts';
import { COSIGN_HELP } from './cosign/help.ts';
import type { HelpPages } from './help.ts';
import { KUBE_LINTER_HELP } from './kube-linter/help.ts';
import { KUBE_LINTER } from './kube-linter/kube-linter.ts';
import { KUBESEC_HELP } from './kubesec/help.ts';
import { KUBESEC } from './kubesec/kubesec.ts';
import { SYFT_HELP } from './syft/help.ts';
import { SYFT_TOOL } from './syft/syft.ts';
import { SILENT, STILL_CLOCK } from './test-workstation.ts';
import type { Tool, ToolContext } from './tool.ts';
import { TRIVY_HELP } from './trivy/help.ts';
import { TRIVY } from './trivy/trivy.ts';

const host = await FolderHost.create('workstation', {});
afterAll(() => host[Symbol.asyncDispose]());

describe.each<[string, Tool, HelpPages]>([
  ['bom', BOM_TOOL, BOM_HELP],
  ['cosign', COSIGN, COSIGN_HELP],
  ['kube-linter', KUBE_LINTER, KUBE_LINTER_HELP],
  ['kubesec', KUBESEC, KUBESEC_HELP],
  ['syft', SYFT_TOOL, SYFT_HELP],
  ['trivy', TRIVY, TRIVY_HELP],
])('%s', async (name, tool, pages) => {
  const context = { host, clock: STILL_CLOCK, ...SILENT } as Partial<ToolContext> as ToolContext;
  await host.installCommand(name, tool.command(context));
  const call = (...args: string[]) => host.call(name, args);

  test('tells its commands to whoever asks, and to whoever says nothing', async () => {
    const told = await call('--help');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toContain('Usage:\n  ');
    for (const asked of [[], ['-h'], ['help']]) expect(await call(...asked)).toEqual(told);
    for (const verb of Object.keys(pages[''].commands ?? {})) expect(told.stdout).toContain(`\n  ${verb} `);
  });

  const flags = Object.entries(pages).flatMap(([verb, page]) =>
    Object.keys(page.flags).map((flag) => [verb, flag] as const),
  );
  test.each(flags)('%s takes %s, as its help says', async (verb, flag) => {
    const [written = '', value] = flag.split(/, | /).slice(flag.includes(', ') ? 1 : 0);
    const args = [...verb.split(' ').filter(Boolean), value === undefined ? written : `${written}=1`];
    const { stderr } = await call(...args);
    expect(stderr).not.toMatch(
      /recognized option|invalid option|argument '|requires an argument|allow an argument|unknown flag/,
    );
    expect((await call(...verb.split(' ').filter(Boolean), '--help')).stdout).toContain(`  ${flag} `);
  });
});
