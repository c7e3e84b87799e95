import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, startTestLab, whyNot, type TestLab } from '../hosts/host-fixture.ts';
import { BOM_TOOL } from './bom/bom.ts';
import { COSIGN } from './cosign/cosign.ts';
import { KUBE_LINTER } from './kube-linter/kube-linter.ts';
import { KUBESEC } from './kubesec/kubesec.ts';
import { STILL_CLOCK } from './test-workstation.ts';
import type { ToolContext } from './tool.ts';
import { TRIVY } from './trivy/trivy.ts';

const TOOLS = [BOM_TOOL, COSIGN, KUBE_LINTER, KUBESEC, TRIVY];
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: nginx}]}\n';

describe.skipIf(impossible)(`tools for images and manifests on a real host${whyNot}`, () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startTestLab(
      ['workstation'],
      [{ host: 'workstation', path: '/root/k8s/base/web/pod.yaml', content: Buffer.from(POD), mode: 0o644 }],
      () => TOOLS.flatMap(({ files = [] }) => files),
    );
    const host = lab.on('workstation');
    for (const tool of TOOLS) {
      // None of these asks for more of its context.
      await host.installCommand(tool.name, tool.command({ host, clock: STILL_CLOCK } as ToolContext));
    }
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  const sh = (line: string): Promise<string> => lab.sh('workstation', `cd /root && ${line}`);

  test('find manifests below a folder', async () => {
    expect(await sh('trivy config -q k8s | grep -c "^AVD-KSV-0014"')).toBe('1');
    expect(await sh('kube-linter lint k8s 2>&1 | tail -1')).toMatch(/^Error: found \d+ lint errors$/);
  });

  test('read pipes and write files that other programs read', async () => {
    expect(await sh('cat k8s/base/web/pod.yaml | kubesec scan - | grep -c Passed')).toBe('1');
    expect(
      await sh(
        'bom generate --image alpine:3.20 --output sbom.spdx 2>/dev/null; grep -A2 "^PackageName: libssl3" sbom.spdx',
      ),
    ).toContain('PackageVersion: 3.3.2-r0');
  });

  test('tell by their status, in a pipe without colours', async () => {
    expect(await sh('trivy image -q --severity CRITICAL --exit-code 7 nginx:1.25 >/dev/null; echo $?')).toBe('7');
    expect(await sh('trivy image -q nginx:1.25 | grep -c "$(printf "\\033")"; true')).toBe('0');
  });

  test("verify the shop's image with the key that lies there, and take a password from the environment", async () => {
    const image = 'registry.breachlab.internal/shop/payments';
    expect(
      await sh(
        `cosign verify --key /etc/cosign/release.pub ${image}:1.4.0 2>/dev/null | grep -c docker-manifest-digest`,
      ),
    ).toBe('1');
    expect(
      await sh('COSIGN_PASSWORD=x cosign generate-key-pair 2>&1; stat -c "%a %n" cosign.key cosign.pub'),
    ).toContain('600 cosign.key\n644 cosign.pub');
  });
});
