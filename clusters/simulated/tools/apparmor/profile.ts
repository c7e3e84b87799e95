import type { RefusedSockets } from './sockets.ts';

/** What a profile does about what it forbids (apparmor.d(5), "Profile Flags"). */
export type ProfileMode = 'enforce' | 'complain' | 'kill' | 'unconfined';

/** A profile as far as a lab knows it. */
export interface Profile {
  /** A child's with its parent's: `parent//child`. */
  readonly name: string;
  readonly mode: ProfileMode;
  /** Whether it denies writing everywhere, `deny /** w,`. */
  readonly deniesWriting: boolean;
  /** What it says of files; what no rule allows is refused. */
  readonly files: readonly FileRule[];
  /** Names of the capabilities that it allows. */
  readonly capabilities: readonly string[];
  readonly sockets: readonly RefusedSockets[];
  /** Rules and leavings-out that are read and not enforced, in words. */
  readonly notEnforced: readonly string[];
}

export interface FileRule {
  /** Letters: `d` denies, `o` only of the caller's own files, `a` is recorded. */
  readonly kind: string;
  /** To execute 1, to write 2, to read 4, to link 8, together. */
  readonly access: number;
  /** See `pathPattern`. */
  readonly pattern: string;
}

/** A profile that cannot be read; the message is the real parser's whole line. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/** Capabilities by name (capabilities(7)), lower-case as profiles write them. */
export const CAPABILITIES: ReadonlySet<string> = new Set(
  'audit_control audit_read audit_write block_suspend bpf checkpoint_restore chown dac_override dac_read_search fowner fsetid ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin net_bind_service net_broadcast net_raw perfmon setfcap setgid setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog wake_alarm'.split(
    ' ',
  ),
);

/** Families, types and protocols of a network rule (apparmor.d(5), "Network Rules"). */
export const NETWORK_WORDS: ReadonlySet<string> = new Set(
  'unix inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose netbeui security key netlink packet ash econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn phonet ieee802154 caif alg nfc vsock kcm qipcrtr smc xdp mctp stream dgram seqpacket rdm raw tcp udp icmp'.split(
    ' ',
  ),
);

/** Flags that are not a mode (apparmor.d(5)). */
export const OTHER_FLAGS: ReadonlySet<string> = new Set(
  'audit attach_disconnected no_attach_disconnected chroot_relative namespace_relative mediate_deleted delegate_deleted chroot_attach chroot_no_attach enforce default_allow prompt'.split(
    ' ',
  ),
);
