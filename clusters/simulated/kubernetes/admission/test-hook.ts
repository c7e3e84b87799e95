import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPki } from '../pki/pki.ts';

export interface Review {
  readonly request?: {
    readonly uid: string;
    readonly kind: object;
    readonly resource: object;
    readonly requestResource: object;
    readonly object: Record<string, unknown> | null;
    readonly dryRun: boolean;
  };
  readonly spec?: object;
}

/** A webhook of tests, over TLS on loopback. */
export interface TestHook extends AsyncDisposable {
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** What it was asked, the latest last. */
  readonly asked: Review[];
  /** Makes the answer; undefined lets the caller wait. */
  answer: (review: Review) => object | undefined;
}

export async function startHook(): Promise<TestHook> {
  const pki = createPki({
    now: Date.now(),
    controlPlane: { name: 'hook', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const { certificate, key } = pki.servingCertificate({
    commonName: 'hook',
    dnsNames: ['localhost', 'hook.shop.svc'],
    addresses: ['127.0.0.1'],
  });
  const server = createServer({ cert: certificate, key }, (request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const review = JSON.parse(body) as Review;
      hook.asked.push(review);
      const said = hook.answer(review);
      if (said === undefined) return;
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', ...said }));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const hook: TestHook = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/review`,
    certificateAuthority: pki.certificateAuthority,
    asked: [],
    answer: allowing(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return hook;
}

/** An answer that allows, with more of a response. */
export const allowing =
  (more: object = {}): TestHook['answer'] =>
  ({ request }) => ({ response: { uid: request?.uid, allowed: true, ...more } });

/** An answer that allows and changes the object. */
export const patching = (...operations: object[]): TestHook['answer'] =>
  allowing({ patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });

/** A configuration of one webhook; `rules` are for ConfigMaps and Pods that are created unless `more` says. */
export const hookConfiguration = (
  kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration',
  { url, certificateAuthority }: TestHook,
  ...hooks: object[]
): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'hooks' },
  webhooks: (hooks.length === 0 ? [{}] : hooks).map((more) => ({
    name: 'hook.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: { url, caBundle: Buffer.from(certificateAuthority).toString('base64') },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps', 'pods'] }],
    ...more,
  })),
});
