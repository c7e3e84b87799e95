import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { nameOf } from '../../../../pki/certificate.ts';
import { bits, der, integer, oid, pem, sequence } from '../../../../pki/der.ts';
import { ADMIN, JANE, startTestPlane, type TestPlane } from '../test-plane.ts';

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
});
afterAll(() => plane[Symbol.dispose]());

/** PEM of a request, signed by its key. */
function requestFor(commonName: string, organizations: readonly string[]): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const info = sequence(
    integer(Buffer.from([0])),
    nameOf({ commonName, organizations }),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa0),
  );
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  return pem('CERTIFICATE REQUEST', sequence(info, algorithm, bits(sign('sha256', info, privateKey))));
}
const signingRequest = (
  name: string,
  signerName = 'kubernetes.io/kube-apiserver-client',
  groups: readonly string[] = ['dev'],
): object => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { signerName, usages: ['client auth'], request: Buffer.from(requestFor('jane', groups)).toString('base64') },
});
const approve = (name: string, user = JANE): Promise<KubeObject | undefined> =>
  plane.cluster.modify(
    plane.cluster.resource('certificatesigningrequests', 'certificates.k8s.io'),
    { namespace: '', name },
    (draft) => {
      draft['status'] = { conditions: [{ type: 'Approved', status: 'True', reason: 'Tested' }] };
    },
    { user, subresource: 'approval' },
  );
/** What lets jane use a verb with a signer. */
async function allow(verb: string, signer: string): Promise<void> {
  const name = `${verb}-${signer.replaceAll(/[^a-z]/g, '-')}`;
  await plane.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: [signer], verbs: [verb] }],
  });
  await plane.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
  });
}

describe('CertificateSubjectRestriction', () => {
  it('lets nobody ask for a client of system:masters', async () => {
    await expect(plane.create(signingRequest('masters', undefined, ['system:masters']), ADMIN)).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "masters" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
    await plane.create(signingRequest('masters', 'example.com/other', ['system:masters']), ADMIN);
  });
});

describe('CertificateApproval', () => {
  it('wants a right to approve for the signer, or for all of its domain', async () => {
    await plane.create(signingRequest('first'));
    await expect(approve('first')).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "first" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    );
    await allow('approve', 'kubernetes.io/kube-apiserver-client');
    expect(await approve('first')).toMatchObject({ status: { conditions: [{ type: 'Approved' }] } });
    await plane.create(signingRequest('second', 'example.com/one'));
    await expect(approve('second')).rejects.toThrow('signerName "example.com/one"');
    await allow('approve', 'example.com/*');
    await approve('second');
  });
});

describe('CertificateSigning', () => {
  const issue = (name: string): Promise<KubeObject | undefined> =>
    plane.cluster.modify(
      plane.cluster.resource('certificatesigningrequests', 'certificates.k8s.io'),
      { namespace: '', name },
      (draft) => {
        draft['status'] = {
          ...(draft['status'] as object),
          certificate: Buffer.from(plane.pki.certificateAuthority).toString('base64'),
        };
      },
      { user: JANE, subresource: 'status' },
    );

  it('wants a right to sign for the signer', async () => {
    await plane.create(signingRequest('third', 'example.org/two'));
    await approve('third', ADMIN);
    await expect(issue('third')).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "third" is forbidden: user not permitted to sign requests with signerName "example.org/two"',
    );
    await allow('sign', 'example.org/two');
    expect(await issue('third')).toHaveProperty('status.certificate');
  });
});
