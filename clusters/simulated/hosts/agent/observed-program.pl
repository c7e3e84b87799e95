# Who makes a call: a program of a container, seen from outside.

sub status_of_program {
  open(my $file, '<', "/proc/$_[0]/status") or return;
  sysread($file, my $status, LONGEST);
  return $status =~ /^(\w+):[ \t]*(.*)$/mg;
}

# The program that makes the call, one field for each line of what is known: its number and its parent's, names from it upwards, its
# terminal's number, user and group as the container has them, its program file, its folder, and its words and its parent's.
sub process_of {
  my ($pid, $roots, $cwd) = @_;
  my (@names, $terminal, $parent);
  my $at = $pid;
  for (0 .. 8) {
    my ($name, $above, $tty) = stat_of($at) or last;
    push @names, $name;
    $terminal //= $tty;
    if ($roots->{$at}) { $parent //= 0; last }
    $parent //= $above;
    $at = $above;
  }
  my %status = status_of_program($pid);
  my ($uid, $gid) = map { (split ' ', $status{$_} // '')[0] // 0 } qw(Uid Gid);
  my ($virtual) = ($status{NSpid} // '') =~ /(\d+)$/;
  my $line = command_line($pid);
  my $file = named_program($pid, readlink("/proc/$pid/exe") // '', (split / /, $line)[0] // '');
  return join "\0", map { ($_ // '') =~ s/\0/ /gr } $pid, $parent, $virtual, $terminal, inside($pid, 'uid_map', $uid), inside($pid, 'gid_map', $gid),
    $file, $cwd // readlink("/proc/$pid/cwd"), $line, $parent ? command_line($parent) : '', @names;
}

sub stat_of {
  open(my $file, '<', "/proc/$_[0]/stat") or return;
  sysread($file, my $stat, 1024) or return;
  my ($name, $rest) = $stat =~ /^\d+ \((.*)\) (.*)/s or return;
  my @fields = split / /, $rest;
  return ($name, $fields[1], $fields[4]);
}

sub command_line {
  open(my $file, '<', "/proc/$_[0]/cmdline") or return '';
  sysread($file, my $words, LONGEST) or return '';
  return $words =~ s/\0+$//r =~ s/\0/ /gr;
}

# The number that a user or group of the lab has in the container.
sub inside {
  my ($pid, $map, $number) = @_;
  open(my $file, '<', "/proc/$pid/$map") or return $number;
  while (<$file>) {
    my ($in, $out, $count) = split;
    return $in + $number - $out if $number >= $out && $number < $out + $count;
  }
  return 65534;
}

# The image's shell, and its programs that start others, start what they are themselves by their own file: it is told by the name that it has.
sub named_program {
  my ($pid, $file, $word) = @_;
  return $file unless $word =~ m{^[^/]+$};
  my $found = within_root($pid, "/bin/$word") or return $file;
  my ($named, $own) = map { join ' ', (stat $_)[0, 1] } $found, "/proc/$pid/exe";
  return $file =~ m{^/bin/(sh|ash|busybox)$} || $named eq $own ? "/bin/$word" : $file;
}

# Who makes a call, as the kernel's audit has it: number, user, group, name and program.
sub caller_of {
  my ($call) = @_;
  my $pid = $call->{pid};
  my %status = status_of_program($pid);
  my ($uid, $gid) = map { (split ' ', $status{$_} // '')[0] // 0 } qw(Uid Gid);
  my ($name) = stat_of($pid);
  my $file = named_program($pid, readlink("/proc/$pid/exe") // '', (split / /, command_line($pid))[0] // '');
  $name = $file =~ s{.*/}{}r if ($name // '') eq 'exe'; # of the image's shell, see named_program
  return ($pid, inside($pid, 'uid_map', $uid), inside($pid, 'gid_map', $gid), $name // '', $file);
}
