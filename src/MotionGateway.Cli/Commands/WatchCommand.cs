using System.CommandLine;
using System.Globalization;
using Grpc.Net.Client;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Configuration;
using MotionGateway.Cli.Connecting;
using MotionGateway.Cli.Output;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary><c>watch</c>: follows a session and prints a line a payload.</summary>
internal static class WatchCommand
{
    private const int MaxAttempts = 10;

    private const string Summary =
        "Follow a session: one line for each payload of its log, from the gateway or through a relay.";

    private const string Explanation =
        "When the connection breaks it connects again and goes on after the last position. It ends with the session.";

    public static Command Create()
    {
        var session = new Argument<string>("session") { Description = "The session's id." };
        var gateway = CommonOptions.Gateway();
        var relay = new Option<string?>("--relay") { Description = "Follow through the relay at this address instead. Needs --token.", HelpName = "URL" };
        var token = Token();
        var connection = new ConnectionOptions();
        var from = From();
        var untilClosed = new Option<bool>("--until-closed")
        {
            Description = $"Connect again without end until the session is closed. Without it {MaxAttempts} failed attempts in a row end with an error.",
        };
        var save = new Option<string?>("--save") { Description = "Save the speech in this WAV file; Ogg Opus is decoded for it.", HelpName = "FILE" };
        var raw = new Option<bool>("--raw") { Description = "Write the messages of the feed whole as JSON lines, media in base64." };
        var json = CommonOptions.Json();
        var command = new ExplainedCommand("watch", Summary, Explanation) { session, gateway, relay, token, from, untilClosed, save, raw, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var screen = new Screen(parsed.GetValue(json) || parsed.GetValue(raw));
            string viewerToken = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(SettingsVariables.ViewerToken) ?? "";
            var start = ToStart(parsed.GetRequiredValue(from), parsed.GetRequiredValue(session), viewerToken);
            var peers = connection.Read(parsed);
            using var channel = peers.OpenGateway(CommonOptions.ToAddress(parsed.GetRequiredValue(gateway), "--gateway"));
            using var http = peers.CreateRelayClient();
            var connect = parsed.GetValue(relay) is { } address ? RelayConnector(address, http, start) : GatewayConnector(channel);
            var viewer = new ViewerClient(connect, start)
            {
                MaxAttempts = parsed.GetValue(untilClosed) ? null : MaxAttempts,
                OnNotice = Screen.Note,
            };
            using var speech = parsed.GetValue(save) is { } file ? new SavedSpeech(file, Screen.Note) : null;
            return await FollowAsync(viewer, new WatchView(screen, parsed.GetValue(raw), speech), cancellationToken);
        });
        return command;
    }

    private static Option<string?> Token() => new("--token")
    {
        Description = $"Viewer token, from 'motiongateway sessions token'. Better given by {SettingsVariables.ViewerToken}: the process list shows arguments.",
        HelpName = "TOKEN",
    };

    private static Option<string> From() => new("--from")
    {
        Description = "Where to start: a position EPOCH:SEQUENCE (what follows it is shown), 'current' turn from its start, or 'live' for the next turn.",
        HelpName = "POSITION",
        DefaultValueFactory = _ => "current",
    };

    /// <summary>Understands where to start.</summary>
    /// <exception cref="CommandException">It is none of the forms that are taken.</exception>
    internal static ViewerStart ToStart(string from, string sessionId, string viewerToken)
    {
        var start = new ViewerStart(sessionId, viewerToken);
        if (from.Split(':') is [var epoch, var sequence]
            && uint.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out uint epochNumber)
            && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out long sequenceNumber))
        {
            return start with { Position = new Position { Epoch = epochNumber, Sequence = sequenceNumber } };
        }

        return from switch
        {
            "current" => start,
            "live" => start with { Rule = FeedStart.Live },
            _ => throw new CommandException($"--from: '{from}' is neither EPOCH:SEQUENCE, such as 1:42, nor current nor live.", ExitCode.Usage),
        };
    }

    private static Func<CancellationToken, Task<IFeedConnection>> GatewayConnector(GrpcChannel channel)
    {
        var client = new FeedService.FeedServiceClient(channel);
        return _ => Task.FromResult<IFeedConnection>(new GrpcFeed(client));
    }

    private static Func<CancellationToken, Task<IFeedConnection>> RelayConnector(string relay, HttpMessageInvoker http, ViewerStart start)
    {
        var address = CommonOptions.ToRelayAddress(relay, "--relay");
        if (start.ViewerToken.Length == 0)
        {
            throw new CommandException(
                $"A relay wants a viewer token: make one with 'motiongateway sessions token {start.SessionId}' and set {SettingsVariables.ViewerToken}.",
                ExitCode.Usage);
        }

        return async cancellationToken => await WebSocketFeed.ConnectAsync(address, start.SessionId, http, cancellationToken);
    }

    private static async Task<int> FollowAsync(ViewerClient viewer, WatchView view, CancellationToken cancellationToken)
    {
        await foreach (var response in viewer.ReadAsync(cancellationToken))
        {
            view.Show(response);
        }

        return viewer.Contiguity.IsContiguous ? ExitCode.Ok
            : throw new CommandException($"The feed had gaps: {string.Join("; ", viewer.Contiguity.Violations)}.");
    }
}
