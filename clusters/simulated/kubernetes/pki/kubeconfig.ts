import type { SignedCertificate } from '../../../pki/certificate.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig as `kubeadm init` writes it, with everything inline. `user` is the certificate's common name. */
export function kubeconfig(request: {
  readonly server: string;
  readonly certificateAuthority: string;
  readonly user: string;
  readonly credential: SignedCertificate | { readonly file: string };
}): string {
  const { server, certificateAuthority, user, credential } = request;
  const proof =
    'file' in credential
      ? `    client-certificate: ${credential.file}\n    client-key: ${credential.file}\n`
      : `    client-certificate-data: ${base64(credential.certificate)}\n    client-key-data: ${base64(credential.key)}\n`;
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(certificateAuthority)}
    server: ${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${user}
  name: ${user}@kubernetes
current-context: ${user}@kubernetes
kind: Config
users:
- name: ${user}
  user:
${proof}`;
}
