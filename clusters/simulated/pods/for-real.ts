import { baseOf } from '../images/base.ts';
import { findImage, type Image, runsOwnServer } from '../images/image.ts';
import { portOf } from '../kubernetes/kubelet/probes/foretold.ts';
import type { Container, LifecycleHandler, Pod, Probe } from '../kubernetes/model/generated/objects.ts';
import { cannotBeCalled } from './image-commands.ts';

/** What Debian's busybox-static can be called as, all of which a container has in /bin (`busybox --list`, 1.35). */
const PROGRAMS = new Set(
  `
  [ [[ acpid adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blockdev brctl bunzip2 busybox
  bzcat bzip2 cal cat chgrp chmod chown chroot chvt clear cmp cp cpio crc32 crond crontab cttyhack cut date dc dd
  deallocvt depmod devmem df diff dirname dmesg dnsdomainname dos2unix dpkg dpkg-deb du dumpkmap dumpleases echo ed
  egrep env expand expr factor fallocate false fatattr fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim
  ftpget ftpput getopt getty grep groups gunzip gzip halt head hexdump hostid hostname httpd hwclock i2cdetect i2cdump
  i2cget i2cset i2ctransfer id ifconfig ifdown ifup init insmod ionice ip ipcalc ipneigh kill killall klogd last less
  link linux32 linux64 linuxrc ln loadfont loadkmap logger login logname logread losetup ls lsmod lsscsi lzcat lzma
  lzop md5sum mdev microcom mim mkdir mkdosfs mke2fs mkfifo mknod mkpasswd mkswap mktemp modinfo modprobe more mount mt
  mv nameif nc netstat nl nologin nproc nsenter nslookup nuke od openvt partprobe passwd paste patch pidof ping ping6
  pivot_root poweroff printf ps pwd rdate readlink realpath reboot renice reset resume rev rm rmdir rmmod route rpm
  rpm2cpio run-init run-parts sed seq setkeycodes setpriv setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf
  sleep sort ssl_client start-stop-daemon stat strings stty su sulogin svc svok swapoff swapon switch_root sync sysctl
  syslogd tac tail tar taskset tc tee telnet telnetd test tftp time timeout top touch tr traceroute traceroute6 true
  truncate ts tty tunctl ubirename udhcpc udhcpd uevent umount uname uncompress unexpand uniq unix2dos unlink unlzma
  unshare unxz unzip uptime usleep uudecode uuencode vconfig vi w watch watchdog wc wget which who whoami xargs xxd xz
  xzcat yes zcat
`
    .trim()
    .split(/\s+/),
);

/** The words of a container's process 1, by its command and arguments and those of its image. */
export function argvOf({ command, args }: Pick<Container, 'command' | 'args'>, image: Image): readonly string[] {
  return [...(command ?? image.entrypoint), ...(args ?? (command ? [] : image.command))];
}

/**
 * Whether a container's process is a real one. The images' own servers are modelled: their programs are not on this machine. An image
 * that is built on a distribution or on busybox is known to have no others than it has here, so that starting one of those fails. Commands
 * whose course is plain before they run (`sleep 5`, `true`, `exit 3`) are foretold by the kubelet until somebody looks inside,
 * and run then.
 */
export function runsForReal(container: Pick<Container, 'command' | 'args' | 'image'>, image: Image): boolean {
  const { command, args, image: reference = image.repository } = container;
  if (command === undefined && args === undefined && image.behaviour === 'serves') return false;
  const [program = ''] = argvOf(container, image);
  if (PROGRAMS.has(program.replace(/^\/(usr\/)?(local\/)?s?bin\//, ''))) return true;
  const isWhole = image.repository === 'busybox' || baseOf(image, reference) !== 'none';
  return isWhole && program !== '' && !runsOwnServer(container, image);
}

const PLAIN_STEP = /^(exit( \d+)?|true|false|:|(\/bin\/)?sleep [\w.]+)$/;

/** Whether a container that runs for real has to from its start, because its output or its end depend on what it does. */
export function runsFromStart(container: Container, image: Image): boolean {
  if (!runsForReal(container, image)) return false;
  const words = argvOf(container, image).map((word) => word.trim());
  const [program = '', ...rest] = words;
  const name = program.split('/').at(-1) ?? '';
  if (name === 'sleep' || name === 'true' || name === 'false') return false;
  if (name !== 'sh' && name !== 'ash' && name !== 'bash') return true;
  // A shell with nothing to read ends at once; with a line to it, it is somebody's session.
  if (rest.length === 0) return container.stdin === true;
  if (rest[0] !== '-c') return true;
  const steps = (rest[1] ?? '').split(/;|&&|\n/).map((step) => step.trim());
  return !steps.filter((step) => step !== '').every((step) => PLAIN_STEP.test(step));
}

/**
 * Whether what a probe or hook comes to is known without trying it: a program that an image of which the lab knows no more may have
 * does well, and a process that is only known to listen is there at its ports. All else has to be tried.
 */
export function isForetold(
  { spec }: Pod,
  container: Container,
  asked: Probe | LifecycleHandler,
  {
    image,
    images,
    isModelled,
  }: {
    readonly image: Image;
    readonly images: readonly Image[];
    readonly isModelled: (container: Container, image: Image) => boolean;
  },
): boolean {
  const { exec, httpGet, tcpSocket } = asked;
  if (exec !== undefined) {
    const [program = ''] = exec.command ?? [];
    return (
      image.behaviour === 'serves' &&
      (!runsForReal({ ...container, command: [program] }, image) || cannotBeCalled(program, image))
    );
  }
  if ((httpGet?.host ?? tcpSocket?.host ?? '') !== '') return false;
  const port = portOf(asked, container);
  return (spec.containers ?? []).some((one) => {
    const its = findImage(images, one.image ?? '');
    if (its === undefined || port === undefined || isModelled(one, its)) return false;
    return runsOwnServer(one, its) && its.listens.includes(port);
  });
}
