using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MotionGateway.Sessions.Tests.Checker;

internal static class Check
{
    public static void That(
        [DoesNotReturnIf(false)] bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref FailureText text)
    {
        if (!holds)
        {
            throw new CheckFailedException(text.ToStringAndClear());
        }
    }

    /// <summary>Formats only where a check fails: millions hold.</summary>
    [InterpolatedStringHandler]
    internal ref struct FailureText
    {
        private DefaultInterpolatedStringHandler _inner;

        public FailureText(int literalLength, int formattedCount, bool holds, out bool shouldAppend)
        {
            shouldAppend = !holds;
            _inner = shouldAppend ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string text) => _inner.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

        public string ToStringAndClear() => _inner.ToStringAndClear();
    }
}
