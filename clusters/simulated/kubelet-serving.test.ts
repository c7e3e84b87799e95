import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

describe.skipIf(impossible)(`the serving certificate of a lab's kubelet${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test('with serverTLSBootstrap it is asked of the cluster, and served once an administrator has approved it', async () => {
    const hello = () =>
      lab.sh('controlplane', 'curl -s --cacert /etc/kubernetes/pki/ca.crt https://10.10.0.11:10250/healthz');
    expect(await hello()).toBe('Unauthorized');
    await lab.sh(
      'node01',
      'echo "serverTLSBootstrap: true" >> /var/lib/kubelet/config.yaml; systemctl restart kubelet',
    );
    interface Request {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly signerName: string; readonly username: string };
    }
    const requests = async (): Promise<readonly Request[]> =>
      (await lab.get<{ items: readonly Request[] }>(REQUESTS))?.items ?? [];
    expect(await lab.eventually(async () => String((await requests()).length), /[1-9]/)).toBe('1');
    const [request] = await requests();
    expect(request?.spec).toMatchObject({
      signerName: 'kubernetes.io/kubelet-serving',
      username: 'system:node:node01',
    });
    expect(await hello()).toContain('status 35'); // there is none
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test' }];
    const path = `${REQUESTS}/${request?.metadata.name}/approval`;
    const approved = await lab.ask({
      method: 'PATCH',
      path,
      body: { status: { conditions } },
      contentType: 'application/merge-patch+json',
    });
    expect(approved.status).toBe(200);
    expect(await lab.eventually(hello, /Unauthorized/)).toBe('Unauthorized');
    expect(
      await lab.sh('node01', 'openssl x509 -noout -subject -in /var/lib/kubelet/pki/kubelet-server-current.pem'),
    ).toContain('CN = system:node:node01');
    await lab.sh('node01', 'systemctl restart kubelet');
    expect(await hello()).toBe('Unauthorized');
    expect(await requests()).toHaveLength(1);
  });
});
