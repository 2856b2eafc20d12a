#!/usr/bin/env python3
"""Breaks the sessions' code on purpose, once at a time, and tells which tests notice. Not part of CI.

Run it in a checkout of its own: it changes files under src/ and puts them back. Arguments pick mutations by number.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCES = ROOT / "src" / "MotionGateway.Sessions"
TESTS = ROOT / "tests" / "MotionGateway.Sessions.Tests"

# What is broken, where, what stands there, and what takes its place.
MUTATIONS = [
    ("motion waits behind audio", "Core/ReleaseSchedule.cs", "while (TryReleaseMotion(turn) || TryReleaseAudio(turn))", "while (TryReleaseAudio(turn) || TryReleaseMotion(turn))"),
    ("motion before its audio", "Core/ReleaseSchedule.cs", ">= turn.Released)", "> turn.Released + Settings.SampleRate)"),
    ("lead by the first sample", "Core/ReleaseSchedule.cs", "long from = turn.Released + count - Math.Max(count, Settings.ToSamples(Settings.MaxLead));", "long from = turn.Released - Settings.ToSamples(Settings.MaxLead);"),
    ("the clock is read twice", "Core/ReleaseSchedule.cs", "playing && fits <= playing.Clock.Released", "playing && fits - Heard + playing.Clock.Heard <= playing.Clock.Released"),
    ("a packet longer than the lead never comes", "Core/ReleaseSchedule.cs", "Math.Max(count, Settings.ToSamples(Settings.MaxLead))", "Settings.ToSamples(Settings.MaxLead)"),
    ("unreadable messages are no doubt", "Motion/MotionTracker.cs", "is { IsInDoubt: true } request", "is { IsInDoubt: true, IsFenced: true } request"),
    ("lead of one turn only", "Core/ReleaseSchedule.cs", "from += earlier.Released;", "from += 0;"),
    ("waits begin anew each time", "Core/ReleaseSchedule.cs", "turn.Wait.Used = WaitUsed(turn);", "turn.Wait.Used = TimeSpan.Zero;"),
    ("every turn may wait within its speech", "Core/ReleaseSchedule.cs", "bool isKnown = pace.IsKnown || context.Turns.Over.Any();", "bool isKnown = false;"),
    ("short motion is complete", "Motion/MotionTracker.cs", "Math.Abs(came - expected) > context.Limits.KeyframeTolerance", "came - expected > context.Limits.KeyframeTolerance"),
    ("repetitions are taken", "Motion/MotionPlacement.cs", "if (!_hashes.SequenceEqual(request.LatestKeyframes))", "if (_hashes.Count >= 0)"),
    ("repetitions of a still face are complete", "Motion/MotionTracker.cs", " || (request.MayRepeat && came > expected)", ""),
    ("repetitions within a cut request are complete", "Motion/MotionTracker.cs", " || IsMiscounted(request, request.EndKeyframe)", ""),
    ("what may repeat is no doubt where the leg is lost", "Motion/MotionRequest.cs", "IsInDoubt => MayRepeat ||", "IsInDoubt =>"),
    ("proofs are not compared", "Motion/MotionPlacement.cs", "motion.IsUnproven |= at < motion.Hashes.Count && motion.Hashes[(int)at] != _hashes[i];", "motion.IsUnproven |= at < 0;"),
    ("recovery begins one keyframe late", "Motion/MotionTracker.cs", "motion.AskFrom = askFrom;", "motion.AskFrom = askFrom + (askFrom > 0 ? 1 : 0);"),
    ("fenced requests count", "Motion/MotionTracker.cs", "if (request.IsFenced || turn.IsOver || motion.Progress != MotionProgress.Pending)", "if (turn.IsOver || motion.Progress != MotionProgress.Pending)"),
    ("ids are not made the first ones", "Motion/MotionPlacement.cs", "bool isAsItCame = !motion.IsSpliced &&", "bool isAsItCame ="),
    ("discarded bytes are not acknowledged", "Speech/SpeechIntake.cs", "turn.DiscardedBytes += bytes;\n        UnacknowledgedBytes += bytes;\n        Acknowledge(turn);", "turn.DiscardedBytes += bytes;\n        UnacknowledgedBytes += bytes;"),
    ("credit is freed when sent", "Core/SpeechTurn.cs", "Math.Min(Released, Sent)", "Sent"),
    ("a refused turn goes on", "Speech/SpeechIntake.cs", "        Complete(turn);\n        if (turn.Samples == 0)", "        if (turn.Samples == 0)"),
    ("interrupts leave what waits", "Core/TurnEndings.cs", "return [.. active];", "return [.. active.Take(1)];"),
    ("viewers' interrupts discard no rest", "Core/TurnEndings.cs", "if (!isSpeakers && turn is { IsNamed: false, IsOpen: true })", "if (isSpeakers && turn is { IsNamed: false, IsOpen: true })"),
    ("the sender's position is ignored", "Core/TurnEndings.cs", "seen?.Sequence < _allInterruptedAt", "seen?.Sequence < -1"),
    ("turns end early", "Core/TurnEndings.cs", "|| !(turn.Clock.TimeUntil(turn.Samples + turn.ViewerLag) <= TimeSpan.Zero))", "|| !(turn.Clock.TimeUntil(turn.Samples + turn.ViewerLag) <= TimeSpan.FromMilliseconds(50)))"),
    ("motion is awaited for ever", "Core/TurnEndings.cs", "if (GiveUpDue(turn) <= TimeSpan.Zero)", "if (GiveUpDue(turn) <= TimeSpan.MinValue)"),
    ("the ledger forgets reports", "Session.Motion.cs", "session._core.Ledger.Report(report);", ""),
    ("the old token dies at once", "Session.Speaker.cs", "_previousToken = _resumeToken;", "_previousToken = \"\";"),
    ("a closed session keeps its connection", "Session.Motion.cs", "session._supply.StopLocked();", ""),
    ("interrupts are not said to the Motion Server", "Motion/MotionLeg.cs", "public void Abandon(MotionRequest request) => Add(request, LegControl.Interrupt);", "public void Abandon(MotionRequest request) { }"),
    ("held bytes are counted up only", "Session.cs", "_services.Budget.Add(-_heldBytes);", ""),
    ("half samples are kept", "Speech/SpeechIntake.cs", "turn.DroppedBytes = turn.Speech.DroppedBytes;", "turn.DroppedBytes = 0;"),
    ("speech is let go of too early", "Speech/KeptSpeech.cs", "int whole = (int)(Math.Min(sample, Samples) * sizeof(short) / SlabBytes) - _dropped;", "int whole = (int)(Math.Min(sample + 8000, Samples) * sizeof(short) / SlabBytes) - _dropped;"),
    ("a cut request's end is not awaited", "Motion/MotionTracker.cs", "if (motion.Cut is not null && request != motion.Cut)", "if (motion.Cut is not null && request.Turn != turn)"),
]


def run(*command: str) -> tuple[int, str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    return done.returncode, done.stdout + done.stderr


def try_mutation(name: str, file: str, old: str, new: str) -> str:
    path = SOURCES / file
    before = path.read_text()
    if before.count(old) != 1:
        return "DOES NOT APPLY"
    path.write_text(before.replace(old, new))
    try:
        code, output = run("dotnet", "build", str(TESTS), "-c", "Debug", "-v", "q", "--nologo", "--no-restore", "-p:RunAnalyzers=false")
        if code != 0:
            return "DOES NOT BUILD"
        try:
            code, output = run("dotnet", "test", str(TESTS), "--no-build", "--nologo", "-v", "n", "--blame-hang-timeout", "5min")
        except subprocess.TimeoutExpired:
            return "noticed: the tests do not end"
    finally:
        path.write_text(before)
    failed = sorted(set(re.findall(r"Failed MotionGateway\.Sessions\.Tests\.(?:\w+\.)?(\w+\.\w+)", output)))
    promise = re.search(r"(?:PromiseBroken|True)Exception: (.*)", output)
    checker = f" [{promise.group(1)[:90]}]" if promise and any("Checker" in test for test in failed) else ""
    return f"noticed by {len(failed)}: {', '.join(failed[:4])}{checker}" if failed else ("SURVIVES" if code == 0 else "noticed: the run breaks")


def main() -> None:
    os.environ.setdefault("MOTIONGATEWAY_SCHEDULES", "1500")
    picked = [int(number) for number in sys.argv[1:]] or range(len(MUTATIONS))
    for number in picked:
        print(f"{number:2} {MUTATIONS[number][0]}: {try_mutation(*MUTATIONS[number])}", flush=True)


if __name__ == "__main__":
    main()
