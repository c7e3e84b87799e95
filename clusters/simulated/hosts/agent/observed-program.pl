# Who makes a call: a program of a container, or of somebody on a host, seen from outside.

# Bytes of /etc/passwd or /etc/group that are looked at.
sub LONGEST_ACCOUNTS() { 1 << 16 }

# Of what the kernel says of a process, what is asked for here.
sub status_of_program {
  open(my $file, '<', "/proc/$_[0]/status") or return;
  sysread($file, my $status, LONGEST);
  return $status =~ /^(Uid|Gid|Groups|NSpid|CapEff):[ \t]*(.*)$/mg;
}

# What is known of the programs that made calls within this second. A program that opens a hundred files is the same for all of them: while
# its owner is, and until it executes another one.
my ($known_at, %known) = (0);

sub known_program {
  my ($pid) = @_;
  if ($known_at != time) { ($known_at, %known) = (time) }
  my $owner = join ' ', (stat "/proc/$pid")[4, 5];
  my $program = $known{$pid};
  return $program if $program && $program->{owner} eq $owner;
  return $known{$pid} = {owner => $owner, status => {status_of_program($pid)}};
}

sub forget_program { delete $known{$_[0]} }

# The program that makes the call, one field for each line of what is known: its number, its parent's and that in its own namespace, its
# terminal's number, user and group as the container has them, its program file, its folder, its words and its parent's; on a host, where
# it has but one number, who it is and who is logged in; and names from it upwards.
sub process_of {
  my ($call, $cwd) = @_;
  my $program = known_program($call->{pid});
  my ($before, $after) = @{$program->{told} //= [told_of_program($call, $program->{status})]};
  return join "\0", @$before, without_nul($cwd // readlink "/proc/$call->{pid}/cwd"), @$after;
}

sub without_nul { ($_[0] // '') =~ s/\0/ /gr }

# What is told of it, before its folder and after it.
sub told_of_program {
  my ($call, $status) = @_;
  my ($pid, $roots, $login) = @{$call}{qw(pid roots login)};
  my (@names, $terminal, $parent);
  my $at = $pid;
  for (0 .. 8) {
    my ($name, $above, $tty) = stat_of($at) or last;
    push @names, $name;
    $terminal //= $tty;
    if ($roots->{$at}) { $parent //= 0; last }
    $parent //= $above;
    last if length $login && own_number($at) == 1;
    $at = $above;
  }
  my ($uid, $gid) = map { inside($pid, "\l${_}_map", (split ' ', $status->{$_} // '')[0] // 0) } qw(Uid Gid);
  my ($own) = ($status->{NSpid} // '') =~ /(\d+)$/;
  my $line = command_line($pid);
  my $file = named_program($pid, readlink("/proc/$pid/exe") // '', (split / /, $line)[0] // '');
  my $above = $parent ? command_line($parent) : '';
  my ($number, $of_parent, @accounts) = ($pid, $parent, ('') x 6);
  if (length $login) {
    ($number, $of_parent) = ($own, $parent ? own_number($parent) : 0);
    @accounts = (account_of($pid, $uid), group_of($pid, $gid), $login, (account_of($pid, $login))[0]);
  }
  return map { [map { without_nul($_) } @$_] } [$number, $of_parent, $own, $terminal, $uid, $gid, $file], [$line, $above, @accounts, @names];
}

# A process's number as it has it itself.
sub own_number {
  my %status = status_of_program($_[0]);
  return ($status{NSpid} // '') =~ /(\d+)$/ ? $1 : 0;
}

# What a host's own files say: a user's name, home and shell; the name of a group.
sub account_of {
  my ($pid, $uid) = @_;
  return text_in($pid, '/etc/passwd') =~ /^([^:\n]+):[^:\n]*:$uid:[^:\n]*:[^:\n]*:([^:\n]*):([^:\n]*)$/m ? ($1, $2, $3) : ('', '', '');
}

sub group_of {
  my ($pid, $gid) = @_;
  return text_in($pid, '/etc/group') =~ /^([^:\n]+):[^:\n]*:$gid:/m ? $1 : '';
}

sub text_in {
  my ($pid, $path) = @_;
  my $found = within_root($pid, $path);
  return '' unless $found && -f $found && open(my $file, '<', '/proc/self/fd/' . fileno $found);
  sysread($file, my $text, LONGEST_ACCOUNTS);
  return $text // '';
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
  while (defined(my $line = <$file>)) {
    my ($in, $out, $count) = split ' ', $line;
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
