/** What of /etc/vsftpd.conf the daemon obeys, with vsftpd's defaults (vsftpd.conf(5)). */
export interface FtpConfig {
  readonly port: number;
  readonly banner: string;
  readonly anonymous: boolean;
  readonly anonymousRoot: string;
}

export const VSFTPD_CONFIG = '/etc/vsftpd.conf';

/** Settings that it takes and that change nothing here. */
const OTHERS =
  'listen listen_ipv6 local_enable write_enable local_umask anon_upload_enable anon_mkdir_write_enable dirmessage_enable use_localtime xferlog_enable connect_from_port_20 chroot_local_user secure_chroot_dir pam_service_name rsa_cert_file rsa_private_key_file ssl_enable no_anon_password hide_ids pasv_enable pasv_min_port pasv_max_port idle_session_timeout tcp_wrappers userlist_enable'.split(
    ' ',
  );

/** Reads it as parseconf.c does: `name=value` without blanks around the sign. The text is what vsftpd says before it gives up. */
export function readFtpConfig(text: string): FtpConfig | { readonly problem: string } {
  const given = new Map<string, string>();
  for (const line of text.split('\n').map((one) => one.trimEnd())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value = ''] = /^([^=]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined) return { problem: `500 OOPS: missing value in config file for: ${line}` };
    given.set(name, value);
  }
  const port = Number(given.get('listen_port') ?? 21);
  const anonymous = given.get('anonymous_enable') ?? 'NO'; // as Debian builds it
  for (const name of given.keys()) {
    if (!['listen_port', 'ftpd_banner', 'anonymous_enable', 'anon_root', ...OTHERS].includes(name))
      return { problem: `500 OOPS: unrecognised variable in config file: ${name}` };
  }
  if (!/^(?:YES|NO|TRUE|FALSE|0|1)$/i.test(anonymous))
    return { problem: '500 OOPS: bad bool value in config file for: anonymous_enable' };
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return { problem: '500 OOPS: bad integer value in config file for: listen_port' };
  return {
    port,
    banner: given.get('ftpd_banner') ?? '(vsFTPd 3.0.3)',
    anonymous: /^(?:YES|TRUE|1)$/i.test(anonymous),
    anonymousRoot: given.get('anon_root') ?? '/srv/ftp',
  };
}
