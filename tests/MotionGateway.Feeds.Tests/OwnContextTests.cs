namespace MotionGateway.Feeds.Tests;

public sealed class OwnContextTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact]
    public async Task Run_WithinAnothersCall_WhatGoesOnHasTheOwnersContextOnly()
    {
        Ambient.Value = "owner";
        var own = OwnContext.Capture();
        Ambient.Value = "call";

        string? seen = await own.Run(ReadLaterAsync);

        Assert.Equal(("owner", "call"), (seen, Ambient.Value));
    }

    [Fact]
    public async Task With_SomethingEntered_IsThereInEachRunAndNowhereElse()
    {
        Ambient.Value = "owner";
        var owner = OwnContext.Capture();
        var own = owner.With(() => Ambient.Value = "session");

        Assert.Equal("session", await own.Run(ReadLaterAsync));
        Assert.Equal("session", own.Run(() => Ambient.Value));
        Assert.Equal("owner", owner.Run(() => Ambient.Value));
        Assert.Equal("owner", Ambient.Value);
    }

    private static async Task<string?> ReadLaterAsync()
    {
        await Task.Yield();
        return Ambient.Value;
    }
}
