# Paths as a program in a container has them, seen from outside: where they lead, and what the kernel is going to say to them.
our (%NR);

# A path from the root of the program's, as it is written otherwise.
sub written_path {
  my ($pid, $folder, $path) = @_;
  return $path if $path =~ m{^/};
  $folder = unpack('l', pack('L', $folder & 0xffffffff));
  return (readlink($folder == -100 ? "/proc/$pid/cwd" : "/proc/$pid/fd/$folder") // '') . "/$path";
}

# The same without `.` and `..`; links stay.
sub plain_path {
  my @parts;
  for (grep { $_ ne '' && $_ ne '.' } split m{/}, $_[0]) { if ($_ eq '..') { pop @parts } else { push @parts, $_ } }
  return '/' . join('/', @parts);
}

# How the kernel is going to answer, as far as modes, owners and read-only mounts decide: '' or the name of an error; and `d` for a folder.
# `want`: of 1 to execute, 2 to write, 4 to read, 8 to make what is missing, 16 to do only that.
sub outcome_of {
  my ($pid, $path, $want) = @_;
  return '' if $path =~ m{^/proc/(self|thread-self)(/|$)}; # which is somebody else's here
  my $found = within_root($pid, $path);
  my $is_new = !$found;
  if ($is_new) {
    return $! == 2 ? 'ENOENT' : $! == 20 ? 'ENOTDIR' : '' unless $! == 2 && $want & 8;
    $found = within_root($pid, $path =~ s{/[^/]*$}{/}r) or return 'ENOENT';
    $want = 3; # of the folder
  } elsif (($want & 24) == 24) { return 'EEXIST' }
  my $kind = !$is_new && -d $found ? 'd' : '';
  return ('EISDIR', 'd') if $kind && $want & 2;
  return (missing_right($pid, $found, $want), $kind);
}

# What keeps a program from what it wants of a file: '' or the name of an error.
sub missing_right {
  my ($pid, $found, $want) = @_;
  my ($mode, $owner, $group) = (stat $found)[2, 4, 5];
  return 'EROFS' if $want & 2 && syscall($NR{faccessat}, -100, '/proc/self/fd/' . fileno $found, 2) < 0 && $! == 30;
  my %status = %{known_program($pid)->{status}};
  my ($fsuid, $fsgid) = map { (split ' ', $status{$_} // '')[3] // 0 } qw(Uid Gid);
  my $bits = $owner == $fsuid ? $mode >> 6 : grep({ $_ == $group } $fsgid, split ' ', $status{Groups} // '') ? $mode >> 3 : $mode;
  my $missing = ($want & 7) & ~$bits;
  # CAP_DAC_OVERRIDE: anything but to execute what nobody may.
  $missing = $missing & 1 && !($mode & 0111) if $missing && hex($status{CapEff} // 0) & 2;
  return $missing ? 'EACCES' : '';
}

# How the kernel is going to answer to a change of an entry itself, not of what it leads to. `old`: it has to be there, `new`: it may not;
# `changed`: its folder has to be writable.
sub entry_outcome {
  my ($pid, $path, %wanted) = @_;
  my ($folder, $last) = $path =~ m{^(.*/)([^/]+)$} or return '';
  my $found = within_root($pid, $folder) or return $! == 20 ? 'ENOTDIR' : 'ENOENT';
  my $is_there = lstat '/proc/self/fd/' . fileno($found) . "/$last";
  return 'ENOENT' if $wanted{old} && !$is_there;
  return 'EEXIST' if $wanted{new} && $is_there;
  return $wanted{changed} ? missing_right($pid, $found, 3) : '';
}

# Links lead where they lead for the program: RESOLVE_IN_ROOT of openat2(2).
sub within_root {
  my ($pid, $path) = @_;
  sysopen(my $root, "/proc/$pid/root", 010000000) or return;
  my $how = pack('Q3', 010000000 | 02000000, 0, 0x10);
  my $fd = syscall($NR{openat2}, fileno($root) + 0, "$path", $how, 24);
  return if $fd < 0;
  open(my $found, '<&=', $fd) or return;
  return $found;
}

# Where a path leads in the program's root, step by step, for `/proc/self` and what lies in it are other things to the observer. Undefined
# for what another process's entries in /proc stand for, and for links without an end.
sub reached_path {
  my ($pid, $path) = @_;
  my ($own) = ({status_of_program($pid)}->{NSpid} // '') =~ /(\d+)$/;
  my @left = grep { $_ ne '' && $_ ne '.' } split m{/}, $path;
  my ($at, $links) = ('', 0);
  while (defined(my $step = shift @left)) {
    if ($step eq '..') { $at =~ s{/[^/]*$}{}; next }
    $step = $own if $at eq '/proc' && $step =~ /^(self|thread-self)$/;
    my $next = "$at/$step";
    my $target;
    if ($next =~ m{^/proc/(\d+)/(?:task/\d+/)?(root|cwd|exe|fd/\d+|map_files/.*)$}) {
      return if $1 != $own || $2 =~ /^map/;
      $target = readlink("/proc/$pid/$2");
      if (defined $target && $target !~ m{^/}) { $at = $next; next } # a pipe or a socket
    } else { $target = readlink("/proc/$pid/root$next") }
    if (!defined $target) { $at = $next; next }
    return if ++$links > 40;
    $at = '' if $target =~ m{^/};
    unshift @left, grep { $_ ne '' && $_ ne '.' } split m{/}, $target;
  }
  return $at eq '' ? '/' : $at;
}
