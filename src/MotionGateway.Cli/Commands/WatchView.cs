using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Output;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary>Shows what a feed brings, and saves its speech.</summary>
/// <param name="screen">Where.</param>
/// <param name="isRaw">Whether the messages are shown whole, media included.</param>
/// <param name="speech">Where speech is saved; null: nowhere.</param>
internal sealed class WatchView(Screen screen, bool isRaw, SavedSpeech? speech)
{
    /// <summary>Takes a response.</summary>
    public void Show(SubscribeResponse response)
    {
        speech?.Add(response);
        if (isRaw)
        {
            screen.Json(response);
            return;
        }

        switch (response.ResponseCase)
        {
            case SubscribeResponse.ResponseOneofCase.Payload:
                Show(PayloadLine.Create(response.Payload));
                break;
            case SubscribeResponse.ResponseOneofCase.Skipped:
                Show(PayloadLine.Create(response.Skipped));
                break;
            case SubscribeResponse.ResponseOneofCase.GoingAway:
                Screen.Note("The server will shut down.");
                break;
            case SubscribeResponse.ResponseOneofCase.GatewayAway:
                Screen.Note("The relay cannot reach its gateway.");
                break;
            case SubscribeResponse.ResponseOneofCase.GatewayBack:
                Screen.Note("The relay can reach its gateway again.");
                break;
            default:
                break;
        }
    }

    private void Show(PayloadLine line)
    {
        if (screen.IsJson)
        {
            screen.Json(line);
        }
        else
        {
            screen.Line(line.ToString());
        }
    }
}
