# What keeps a program or a terminal for the server, on whichever backend: the lab's supervisor (simulated/hosts/agent/) and the program
# that Docker runs in a container (kind/hosts/agent/) both have it in them, after bytes.pl. It stands in a /proc that shows what it keeps.
# Packets: type, 32-bit length, bytes.

sub status_of { $_[0] & 127 ? 128 + ($_[0] & 127) : $_[0] >> 8 }

# Kills a program, what it started, and all of its session. Reads the lab's /proc, in which the keeper stands.
sub kill_tree {
  my ($root) = @_;
  for my $round (1 .. 20) {
    my (%parent, %session);
    opendir(my $list, '.') or return;
    for my $pid (grep { /^\d+$/ } readdir $list) {
      open(my $file, '<', "$pid/stat") or next;
      sysread($file, my $stat, 1024) or next;
      next unless $stat =~ /^\d+ \(.*\) ([^ZX]) (\d+) \d+ (\d+) /s;
      ($parent{$pid}, $session{$pid}) = ($2, $3);
    }
    my %doomed = ($root => 1);
    $doomed{$_} = 1 for grep { $session{$_} == $root } keys %session;
    my $before;
    do {
      $before = keys %doomed;
      $doomed{$_} = 1 for grep { $doomed{$parent{$_}} } keys %parent;
    } while keys %doomed > $before;
    my @alive = grep { exists $parent{$_} } keys %doomed;
    return unless @alive;
    kill 'KILL', @alive;
  }
}

sub put_down {
  kill_tree($_[0]);
  waitpid($_[0], 0);
  return 0;
}

sub tell_packet { write_all($_[0], pack('CN/a*', $_[1], $_[2])) }

# Takes whole packets (type, 32-bit length, bytes) off the front of a buffer.
sub packets {
  my ($buffer) = @_;
  my @packets;
  while (length $$buffer >= 5) {
    my ($type, $size) = unpack('CN', $$buffer);
    last if length $$buffer < 5 + $size;
    push @packets, [$type, substr($$buffer, 5, $size)];
    substr($$buffer, 0, 5 + $size) = '';
  }
  return @packets;
}

# One program with pipes. From the server: 0 standard input, 1 its end. To the server: 1 output, 2 error output, 3 exit status, and of
# one that was not started: 4 why. The server hanging up kills the program: then this returns false.
sub pump_program {
  my ($from, $to, $program) = @_;
  my ($pid, $ended, $input, $output, $error) = @{$program}{qw(pid ended input output error)};
  nonblocking($input);
  my ($arrived, $pending, $last, $status) = ('', '', 0, undef);
  my %from = (fileno($output) => [1, $output], fileno($error) => [2, $error]);
  until (defined $status && !%from) {
    my ($read, $write) = ('', '');
    vec($read, $_, 1) = 1 for keys %from;
    vec($read, fileno $from, 1) = 1 if length $pending < 1 << 16;
    vec($read, fileno $ended, 1) = 1 unless defined $status;
    vec($write, fileno $input, 1) = 1 if $input && length $pending;
    # A daemon that the program left behind may hold the pipes for ever: give what it wrote 50 ms, then leave it alone.
    my $ready = select($read, $write, undef, defined $status ? 0.05 : undef);
    next if $ready < 0;
    last if $ready == 0;
    for my $fd (grep { vec($read, $_, 1) } keys %from) {
      my ($type, $pipe) = @{$from{$fd}};
      my $got = sysread($pipe, my $bytes, 1 << 16);
      if (!$got) { delete $from{$fd}; next }
      tell_packet($to, $type, $bytes) or return put_down($pid);
    }
    if (vec($read, fileno $from, 1)) {
      sysread($from, $arrived, 1 << 16, length $arrived) or return put_down($pid);
      for (packets(\$arrived)) {
        if ($_->[0] == 0) { $pending .= $_->[1] } else { $last = 1 }
      }
    }
    if (!defined $status && vec($read, fileno $ended, 1)) {
      waitpid($pid, 0);
      $status = status_of($?);
    }
    if ($input && length $pending) {
      my $written = syswrite($input, $pending);
      if (defined $written) { substr($pending, 0, $written) = '' }
      elsif ($! != 11) { close($input); undef $input }
    }
    if ($input && $last && !length $pending) { close($input); undef $input }
    $pending = '' unless $input;
  }
  tell_packet($to, 3, pack('N', $status));
  return 1;
}

# A new terminal of the mount namespace that the caller is in, and the path of its other side.
sub open_terminal {
  sysopen(my $terminal, '/dev/ptmx', 2 | 0400) or die "ptmx: $!\n";
  my ($unlocked, $number) = (pack('l', 0), pack('l', 0));
  ioctl($terminal, 0x40045431, $unlocked) or die "unlock: $!\n";
  ioctl($terminal, 0x80045430, $number) or die "terminal number: $!\n";
  return ($terminal, '/dev/pts/' . unpack('l', $number));
}

# Carries a terminal's keys and its output until its program has ended and all was shown. Returns the connection that has it.
# From a connection: packets, 0 keys, 3 rows and columns, 4 end it. To it: what the terminal shows, as it is. The newest connection has
# the terminal; without one the last 64 KB are kept for the next. With `again` each is shown the last 64 KB anew.
sub pump_terminal {
  my ($terminal, $listener, $ended, $end, $shown, $again) = @_;
  nonblocking($terminal);
  my ($client, $arrived, $keys, $open, $recent) = (undef, '', '', 1, '');
  $shown //= '';
  while ($open || ($client && length $shown)) {
    my ($read, $write) = ('', '');
    vec($read, fileno $listener, 1) = 1;
    vec($read, fileno $terminal, 1) = 1 if $open && (!$client || length $shown < 1 << 16);
    vec($read, fileno $client, 1) = 1 if $client && length $keys < 1 << 16;
    vec($write, fileno $client, 1) = 1 if $client && length $shown;
    vec($write, fileno $terminal, 1) = 1 if length $keys;
    vec($read, fileno $ended, 1) = 1 if $open;
    next if select($read, $write, undef, undef) < 0;
    if ($open && vec($read, fileno $terminal, 1)) {
      my $got = sysread($terminal, $shown, 1 << 16, length $shown);
      $open = 0 if defined $got ? !$got : $! != 11 && $! != 4;
      if ($again && $got) {
        $recent .= substr($shown, -$got);
        substr($recent, 0, -65536) = '' if length $recent > 1 << 17; # seldom, as it copies
      }
    } elsif ($open && vec($read, fileno $ended, 1)) {
      $open = 0; # and nothing was left to read
    }
    if ($client && vec($read, fileno $client, 1)) {
      if (sysread($client, $arrived, 1 << 16, length $arrived)) {
        for (packets(\$arrived)) {
          if ($_->[0] == 0) { $keys .= $_->[1] }
          elsif ($_->[0] == 3) { resize($terminal, unpack('nn', $_->[1])) }
          else { $end->() }
        }
      } else { ($client, $arrived) = (undef, '') }
    }
    if (length $keys) {
      my $written = syswrite($terminal, $keys);
      if ($written) { substr($keys, 0, $written) = '' }
      elsif (!$open) { $keys = '' }
    }
    if ($client && length $shown) {
      my $written = syswrite($client, $shown);
      if ($written) { substr($shown, 0, $written) = '' }
      elsif ($! != 11) { ($client, $arrived) = (undef, '') }
    }
    $shown = substr($shown, -65536) if !$client && length $shown > 65536;
    if (vec($read, fileno $listener, 1) && accept(my $next, $listener)) {
      nonblocking($next);
      ($client, $arrived, $keys) = ($next, '', '');
      $shown = shown_again($recent) if $again;
    }
  }
  return $client;
}

# The end of what a terminal has shown, from the beginning of a line, without what a program asked the terminal, which would answer a
# second time: its kind, its cursor, its modes and its colours (xterm's ctlseqs: DA, DSR, XTVERSION, XTWINOPS, DECRQM, OSC ?, DCS).
sub shown_again {
  my ($recent) = @_;
  if (length $recent > 65536) {
    $recent = substr($recent, -65536);
    $recent =~ s/^[^\n]*\n//;
  }
  $recent =~ s/\e\[[<=>?]?[\d;]*(?:[cnt]|\$p)|\e\[>[\d;]*q|\e\][^\a\e]*\?(?:\a|\e\\)|\eP[^\e]*\e\\//g;
  return $recent;
}

sub resize {
  my $size = pack('S4', $_[1], $_[2], 0, 0);
  ioctl($_[0], 0x5414, $size);
}
