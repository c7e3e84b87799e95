import type { FlagReader } from '../flag-reader.ts';

const MEDIA_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];

/** EtcdOptions.Validate (apiserver/pkg/server/options/etcd.go). */
export function storageProblems(flags: FlagReader): string[] {
  const problems: string[] = [];
  if (flags.list('etcd-servers').length === 0) problems.push('--etcd-servers must be specified');
  const backend = flags.text('storage-backend');
  if (backend !== '' && backend !== 'etcd3') {
    problems.push("--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'");
  }
  for (const override of flags.list('etcd-servers-overrides')) {
    if (/^[^#/]*\/[^#/]*#[^#]*$/.test(override)) continue;
    problems.push(
      '--etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated',
    );
  }
  if (
    flags.text('encryption-provider-config') === '' &&
    flags.flag('encryption-provider-config-automatic-reload', false)
  ) {
    problems.push('--encryption-provider-config-automatic-reload must be set with --encryption-provider-config');
  }
  const media = flags.text('storage-media-type');
  if (media !== '' && !MEDIA_TYPES.includes(media)) {
    problems.push(
      `--storage-media-type ${JSON.stringify(media)} invalid, allowed values: ${MEDIA_TYPES.toSorted().join(', ')}`,
    );
  }
  return problems;
}
