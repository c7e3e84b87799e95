import type { Secret, ServiceAccount } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, keyOf, splitKey, watchOwn } from './controller.ts';
import { WRITING } from './status.ts';

const TOKEN_TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';

export interface TokenSource {
  /** PEM that goes along with the token. */
  readonly certificateAuthority: string;
  /** A token that never expires, for a ServiceAccount and the Secret that is to hold it. */
  readonly sign: (account: ServiceAccount, secretName: string) => string | undefined;
}

/** pkg/controller/serviceaccount/tokens_controller.go: fills Secrets of that type, and deletes those whose account is gone. */
export function serviceAccountTokensController(cluster: Cluster, source: TokenSource): Controller {
  const secrets = cluster.resource('secrets');
  const accounts = cluster.resource('serviceaccounts');
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  return {
    name: 'serviceaccount-token-controller',
    watches: [
      watchOwn(secrets),
      {
        resource: accounts,
        keys: ({ object }) =>
          (cluster.list(secrets, object.metadata.namespace) as readonly Secret[])
            .filter((secret) => isToken(secret) && secret.metadata.annotations?.[NAME] === object.metadata.name)
            .map(keyOf),
      },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const secret: Secret | undefined = cluster.get(secrets, namespace, name);
      if (secret === undefined || !isToken(secret) || secret.metadata.deletionTimestamp !== undefined) return;
      const { [NAME]: wanted = '', [UID]: uid } = secret.metadata.annotations ?? {};
      const account: ServiceAccount | undefined = cluster.get(accounts, namespace, wanted);
      if (account === undefined || (uid !== undefined && uid !== '' && uid !== account.metadata.uid)) {
        await cluster.delete(secrets, namespace, name, { uid: secret.metadata.uid ?? '' });
        return;
      }
      const token = secret.data?.['token'] === undefined ? source.sign(account, name) : undefined;
      const data = {
        ...secret.data,
        'ca.crt': encoded(source.certificateAuthority),
        namespace: secret.data?.['namespace'] ?? encoded(namespace),
        ...(token === undefined ? {} : { token: encoded(token) }),
      };
      const isSame = Object.entries(data).every(([field, value]) => secret.data?.[field] === value);
      if (isSame && uid === account.metadata.uid) return;
      await cluster.modify(
        secrets,
        { namespace, name },
        (draft) => {
          (draft as Secret).data = data;
          draft.metadata.annotations = { ...draft.metadata.annotations, [UID]: account.metadata.uid ?? '' };
        },
        WRITING,
      );
    },
  };
}

const isToken = ({ type }: Secret): boolean => type === TOKEN_TYPE;
