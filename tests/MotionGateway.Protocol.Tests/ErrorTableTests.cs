using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;
using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Protocol.Tests;

public sealed class ErrorTableTests
{
    public static TheoryData<ErrorReason> Reasons => [.. Enum.GetValues<ErrorReason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Get_EveryReason_HasOneRowThatIsConsistent(ErrorReason reason)
    {
        var row = Assert.Single(ErrorTable.Rows, row => row.Reason == reason);

        Assert.Same(row, ErrorTable.Get(reason));
        Assert.True(Enum.IsDefined(row.StatusCode));
        Assert.Equal(row.IsRetryable, row.RetryAfter is not null);
        if (reason == ErrorReason.Unspecified)
        {
            Assert.Equal((StatusCode.OK, 1000), (row.StatusCode, row.CloseCode));
            return;
        }

        Assert.NotEqual(StatusCode.OK, row.StatusCode);
        Assert.InRange(row.CloseCode, row.IsRetryable ? 4500 : 4000, row.IsRetryable ? 4599 : 4099);
    }

    [Fact]
    public void Rows_CloseCodes_AreUnique() =>
        Assert.Equal(ErrorTable.Rows.Count, ErrorTable.Rows.Select(row => row.CloseCode).Distinct().Count());

    [Fact]
    public void Get_ReasonOfALaterVersion_IsInternal() => Assert.Equal(ErrorReason.Internal, ErrorTable.Get((ErrorReason)9999).Reason);

    [Theory]
    [MemberData(nameof(Reasons))]
    public void GetName_EveryReason_IsTheProtosNameWithoutItsPrefix(ErrorReason reason)
    {
        string proto = ErrorReflection.Descriptor.FindTypeByName<EnumDescriptor>("ErrorReason").FindValueByNumber((int)reason).Name;

        Assert.Equal(proto, "ERROR_REASON_" + ErrorTable.GetName(reason));
        Assert.True(ErrorTable.TryGetReason(ErrorTable.GetName(reason), out var found));
        Assert.Equal(reason, found);
    }

    // docs/protocol.md shows the table to people: it must be this one.
    [Fact]
    public void Rows_InTheDocument_AreTheSame()
    {
        string[] expected = [.. ErrorTable.Rows.Select(ToMarkdown)];

        string[] actual = [.. File.ReadLines(DocumentPath()).SkipWhile(line => !line.StartsWith("| Reason |", StringComparison.Ordinal))
            .Skip(2).TakeWhile(line => line.StartsWith('|'))];

        Assert.Equal(expected, actual);
    }

    private static string ToMarkdown(ErrorRow row)
    {
        string wait = row.RetryAfter is { } time ? $"{time.TotalSeconds:0} s" : "";
        string retry = row.Retry switch
        {
            RetryClass.AtOnce => "at once",
            RetryClass.Backoff => "backoff",
            RetryClass.Later => "later",
            _ => "never",
        };
        return $"| `{ErrorTable.GetName(row.Reason)}` | {ToName(row.StatusCode)} | {row.CloseCode} | {retry} | {wait} |";
    }

    private static string ToName(StatusCode code) => code == StatusCode.OK
        ? "OK"
        : string.Concat(code.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));

    private static string DocumentPath([CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "docs", "protocol.md");
}
