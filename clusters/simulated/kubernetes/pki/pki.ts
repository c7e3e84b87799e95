/** A file of /etc/kubernetes as kubeadm leaves it. */
export interface PkiFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface PkiRequest {
  /** Milliseconds since 1970; certificates begin to hold a minute earlier. */
  readonly now: number;
  readonly controlPlane: { readonly name: string; readonly addresses: readonly string[] };
  /** Server URL written into the kubeconfigs. */
  readonly server: string;
  /** First address of the service range. */
  readonly serviceAddress: string;
}

export interface Pki {
  /** PEM. */
  readonly certificateAuthority: string;
  /** Every file below /etc/kubernetes/pki and the kubeconfigs. Made when first asked for. */
  files(): readonly PkiFile[];
  /** One file alone, made when first asked for. */
  file(path: string): PkiFile | undefined;
  clientCertificate(subject: { commonName: string; organizations: readonly string[] }): {
    certificate: string;
    key: string;
  };
  servingCertificate(names: { commonName: string; dnsNames: readonly string[]; addresses: readonly string[] }): {
    certificate: string;
    key: string;
  };
}

/** A cluster's certificate authorities and what they signed, all EC P-256. */
export function createPki(_request: PkiRequest): Pki {
  throw new Error('in the making');
}
