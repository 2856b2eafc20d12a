using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;

namespace MotionGateway.MotionServer.Tests.Regions;

/// <summary>Servers that fail, each in one way.</summary>
internal static class BrokenServers
{
    /// <summary>Breaks a server: <c>no listener</c>, <c>token 503</c>, <c>upgrade stall</c>, <c>handshake reset</c>, <c>error 14</c>, <c>close 4503</c>.</summary>
    public static async Task BreakAsync(this ScriptedServer server, string kind)
    {
        if (kind == "no listener")
        {
            await server.DisposeAsync();
            return;
        }

        string[] words = kind.Split(' ');
        RequestDelegate answer = words[1] == "stall"
            ? context => new ScriptedSocket(null!, context).StallAsync()
            : context => Answer(context, int.TryParse(words[1], out int status) ? status : 0);
        if (words[0] == "token")
        {
            server.OnToken = answer;
        }
        else if (words[0] == "upgrade")
        {
            server.OnUpgrade = answer;
        }
        else
        {
            server.Script = socket => PlayAsync(socket, words[0], words[1]);
        }
    }

    public static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task PlayAsync(ScriptedSocket socket, string what, string how)
    {
        await socket.ReceiveAsync();
        switch (what, how)
        {
            case ("handshake", "stall"):
                await socket.StallAsync();
                break;
            case ("handshake", "reset"):
                socket.Reset();
                break;
            case ("handshake", "text"):
                await socket.SendRawAsync("hello"u8.ToArray(), WebSocketMessageType.Text);
                break;
            case ("error", _):
                await socket.SendErrorAsync(int.Parse(how, CultureInfo.InvariantCulture), "no");
                break;
            default:
                await socket.CloseAsync(int.Parse(how, CultureInfo.InvariantCulture));
                break;
        }
    }
}
