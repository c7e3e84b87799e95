# The system calls Perl has no function for. %NR (numbers of this architecture) and the limits are put before this file by
# supervisor-source.ts. Uses no module, so that a lab's processes stay small and nothing is loaded after a namespace was entered.
use strict;
our (%NR, $INIT, $FILTER, $SANDBOXED, $OBSERVED, @KEPT_CAPABILITIES, %LIMIT, %SIZE);
@INC = ();
$SIG{PIPE} = 'IGNORE';

sub CLONE_NEWNS() { 0x20000 }
sub CLONE_NEWUTS() { 0x4000000 }
sub CLONE_NEWIPC() { 0x8000000 }
sub CLONE_NEWUSER() { 0x10000000 }
sub CLONE_NEWPID() { 0x20000000 }
sub CLONE_NEWNET() { 0x40000000 }
sub MS_NOSUID() { 2 }
sub MS_NODEV() { 4 }
sub MS_NOEXEC() { 8 }
sub MS_BIND() { 0x1000 }
sub MS_REC() { 0x4000 }
sub MS_PRIVATE() { 0x40000 }
sub READ_ONLY() { 1 }
sub NO_SUID() { 2 }
sub NO_DEV() { 4 }

# Calls the kernel by name; dies with the name and the reason. Numbers must be numbers and buffers strings.
sub kernel {
  my ($name, @arguments) = @_; # copied: the kernel may not be given a constant
  my $result = syscall($NR{$name}, @arguments);
  die "$name: $!\n" if $result < 0;
  return $result;
}

sub mount_at {
  my ($type, $source, $target, $flags, $data) = @_;
  syscall($NR{mount}, "$source", "$target", "$type", $flags + 0, "$data") == 0 or die "mount $type on $target: $!\n";
}

sub bind_mount { mount_at('none', $_[0], $_[1], MS_BIND | MS_REC, '') }

# Restricts a mount and all below it (mount_setattr(2)): unlike a remount it keeps the flags the machine had set already.
sub restrict_mount { set_mount(@_, 0x8000) }

# Of one mount alone, unless the third argument says otherwise.
sub set_mount {
  my ($target, $attributes, $how) = @_;
  my $request = pack('Q4', $attributes, 0, 0, 0);
  syscall($NR{mount_setattr}, -100, "$target", ($how // 0) + 0, $request, 32) == 0 or die "restrict $target: $!\n";
}

sub write_kernel_file {
  my ($path, $text) = @_;
  open(my $file, '>', $path) or die "open $path: $!\n";
  defined(syswrite($file, $text)) or die "write $path: $!\n";
  close($file);
}

# Of a user namespace in one that has all users of a lab: the same.
sub ALL_USERS() { "0 0 1\n1 1 65535" }

# Root inside, one ordinary user outside. A process that is not dumpable does not own its own map, hence the prctl.
sub map_root_to {
  my ($uid, $gid) = @_;
  kernel('prctl', 4, 1, 0, 0, 0);
  write_kernel_file('/proc/self/setgroups', 'deny');
  write_kernel_file('/proc/self/uid_map', "0 $uid 1");
  write_kernel_file('/proc/self/gid_map', "0 $gid 1");
}
