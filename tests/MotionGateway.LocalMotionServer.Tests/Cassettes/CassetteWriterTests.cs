using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.LocalMotion.Cassettes;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

public sealed class CassetteWriterTests
{
    [Fact]
    public async Task Add_AfterAWriteThatFailed_DropsAndNeverWaits()
    {
        using var cassette = new TemporaryCassette();
        await using (CassetteWriter writer = CassetteWriter.Create(cassette.Path, TimeProvider.System, NullLogger.Instance))
        {
            // JSON has no such number: not every failure is one of the file.
            await writer.AddAsync(new CassetteEntry { Kind = CassetteKind.Token, Ms = double.NaN });
            for (int i = 0; i < 100; i++)
            {
                await writer.AddAsync(new CassetteEntry { Kind = CassetteKind.Token }).AsTask().DefaultTimeout();
            }
        }

        Assert.Empty(cassette.Entries);
    }
}
