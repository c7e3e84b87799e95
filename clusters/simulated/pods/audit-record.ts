/** What the kernel's audit records of a program in a container (hosts/agent/apparmor.pl, observer.pl). */
export type AuditRecord =
  | {
      readonly type: 'apparmor';
      readonly verdict: 'DENIED' | 'ALLOWED' | 'AUDIT' | 'KILLED';
      readonly operation: string;
      readonly profile: string;
      /** The file that is reached. */
      readonly path: string;
      readonly by: RecordedProgram;
      /** Letters: what is asked for, and what of it is not allowed. */
      readonly requested: string;
      readonly denied: string;
      /** The file's owner as the container has it. */
      readonly owner: number;
    }
  | {
      readonly type: 'seccomp';
      readonly by: RecordedProgram;
      /** Of the system call. */
      readonly number: number;
      /** The program's place, in hexadecimal digits. */
      readonly at: string;
      /** AppArmor's, that it is said to run under; empty for none. */
      readonly profile: string;
    }
  /** So many were not told. */
  | { readonly type: 'lost'; readonly count: number };

export interface RecordedProgram {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly file: string;
}

/** A record from the fields of the observer's frame; undefined for what is none. */
export function auditRecord(fields: readonly Buffer[]): AuditRecord | undefined {
  const [type, ...rest] = fields.map((field) => field.toString('utf8'));
  const program = ([pid, uid, gid, name = '', file = '']: readonly string[]): RecordedProgram => ({
    pid: Number(pid),
    uid: Number(uid),
    gid: Number(gid),
    name,
    file,
  });
  if (type === 'lost records') return { type: 'lost', count: Number(rest[0]) };
  if (type === 'seccomp') {
    const [number, at, profile = ''] = rest.slice(5);
    return { type, by: program(rest), number: Number(number), at: BigInt(at ?? 0).toString(16), profile };
  }
  if (type !== 'apparmor') return undefined;
  const [verdict, operation = '', profile = '', path = '', ...by] = rest;
  const [requested = '', denied = '', owner] = by.slice(5);
  if (verdict !== 'DENIED' && verdict !== 'ALLOWED' && verdict !== 'AUDIT' && verdict !== 'KILLED') return undefined;
  return { type, verdict, operation, profile, path, by: program(by), requested, denied, owner: Number(owner) };
}

/** `AUDIT_ARCH_*` as the audit writes it. */
const ARCHITECTURE = process.arch === 'arm64' ? 'c00000b7' : 'c000003e';

/**
 * A record as the kernel's log has it, without the time since its start (kernel/auditsc.c audit_seccomp; security/apparmor/audit.c,
 * file.c). `time` in milliseconds since 1970, `serial` counts a machine's records.
 */
export function auditLine(record: AuditRecord, time: number, serial: number): string {
  if (record.type === 'lost') return `kauditd_printk_skb: ${record.count} callbacks suppressed`;
  const at = `audit(${(time / 1000).toFixed(3)}:${serial}):`;
  const { by } = record;
  if (record.type === 'seccomp')
    return (
      `audit: type=1326 ${at} auid=4294967295 uid=${by.uid} gid=${by.gid} ses=4294967295 subj=${record.profile || 'unconfined'} pid=${by.pid} ` +
      `comm=${quoted(by.name)} exe=${quoted(by.file)} sig=0 arch=${ARCHITECTURE} syscall=${record.number} compat=0 ip=0x${record.at} code=0x7ffc0000`
    );
  const denied = record.denied === '' ? '' : ` denied_mask="${record.denied}"`;
  return (
    `audit: type=1400 ${at} apparmor="${record.verdict}" operation="${record.operation}" class="file" profile=${quoted(record.profile)} ` +
    `name=${quoted(record.path)} pid=${by.pid} comm=${quoted(by.name)} requested_mask="${record.requested}"${denied} fsuid=${by.uid} ouid=${record.owner}`
  );
}

/** As audit_log_untrustedstring: what has blanks, quotes or control characters is written in hexadecimal digits. */
const quoted = (text: string): string =>
  /^[!#-~]*$/.test(text) ? `"${text}"` : Buffer.from(text).toString('hex').toUpperCase();
