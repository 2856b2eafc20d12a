using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Control;

/// <summary>
/// What tests and people steer and watch the server with, at the port of the service itself. The server's API key opens it; its
/// failures are the service's <c>errors</c> arrays, each of which says what to do.
/// </summary>
internal sealed class ControlEndpoints(LocalMotionServerOptions options, LocalMotionServerCounters counters, FaultBoard faults, ConnectionRegistry connections)
{
    public const string Faults = "/control/faults";
    public const string Connections = "/control/connections";
    public const string Counters = "/control/counters";

    private readonly ApiKeyCheck _key = new(options.ApiKey);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Faults, Guarded(ListFaultsAsync));
        app.MapPost(Faults, Guarded(ArmAsync));
        app.MapDelete(Faults, Guarded(DisarmAllAsync));
        app.MapDelete(Faults + "/{id}", Guarded(DisarmAsync));
        app.MapGet(Connections, Guarded(context => OkAsync(context, ControlAnswers.Of(connections.Look()), ControlJson.Default.ConnectionsAnswer)));
        app.MapGet(Counters, Guarded(context => OkAsync(context, counters, ControlJson.Default.LocalMotionServerCounters)));
    }

    /// <summary>Lets a request through that brings the server's API key.</summary>
    public RequestDelegate Guarded(RequestDelegate handle) => context =>
        _key.Fits(context.Request.Headers["X-Api-Key"].ToString())
            ? handle(context)
            : ApiError.WriteAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", "Send the server's API key in the header X-Api-Key.");

    private static Task OkAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type) => ApiError.WriteJsonAsync(context, StatusCodes.Status200OK, answer, type);

    private static Task RefuseAsync(HttpContext context, string detail) =>
        ApiError.WriteAsync(context, StatusCodes.Status400BadRequest, "invalid_request", detail);

    private Task ListFaultsAsync(HttpContext context) =>
        OkAsync(context, ControlAnswers.Of(faults.Armed, FaultCatalog.All), ControlJson.Default.FaultsAnswer);

    private async Task ArmAsync(HttpContext context)
    {
        if (faults.WhyOff is { } reason)
        {
            await ApiError.WriteAsync(context, StatusCodes.Status409Conflict, "faults_are_off", reason);
            return;
        }

        ArmRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Default.ArmRequest, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await RefuseAsync(context, $"The body has to be JSON like {ArmRequest.Example}; it is wrong at {exception.Path ?? "$"}.");
            return;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            string detail = FormattableString.Invariant($"The body is longer than {LocalMotionServer.MaxBodyBytes} bytes: send JSON like {ArmRequest.Example}.");
            await ApiError.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "too_large", detail);
            return;
        }

        if (Problem(request) is { } problem)
        {
            await RefuseAsync(context, problem);
            return;
        }

        try
        {
            ArmedFault armed = faults.Arm(request!.Fault!, request.AvatarId ?? FaultBoard.AnyAvatar, request.Count);
            await ApiError.WriteJsonAsync(context, StatusCodes.Status201Created, ControlAnswers.Of(armed), ControlJson.Default.ArmedAnswer);
        }
        catch (InvalidOperationException exception)
        {
            await ApiError.WriteAsync(context, StatusCodes.Status409Conflict, "too_many", $"{exception.Message} DELETE {Faults} disarms all.");
        }
    }

    private static string? Problem(ArmRequest? request)
    {
        if (string.IsNullOrEmpty(request?.Fault))
        {
            return $"fault is missing: the body has to be JSON like {ArmRequest.Example}.";
        }

        if (FaultCatalog.Find(request.Fault) is not { } fault)
        {
            return $"fault cannot be armed: {FaultCatalog.Explain(request.Fault)} GET {Faults} lists them all.";
        }

        if (request.AvatarId is "")
        {
            return "avatarId is empty: name an avatar, or leave it out for all.";
        }

        if (fault.Point == FaultPoint.Token && request.AvatarId is not null and not FaultBoard.AnyAvatar)
        {
            return "avatarId cannot be used with a token fault, which strikes before an avatar is named: leave it out.";
        }

        return request.Count <= 0 ? "count is not positive: leave it out for a fault that strikes always." : null;
    }

    private Task DisarmAllAsync(HttpContext context) => OkAsync(context, new DisarmedAnswer(faults.DisarmAll()), ControlJson.Default.DisarmedAnswer);

    private Task DisarmAsync(HttpContext context) => faults.Disarm((string)context.Request.RouteValues["id"]!)
        ? OkAsync(context, new DisarmedAnswer(1), ControlJson.Default.DisarmedAnswer)
        : ApiError.WriteAsync(context, StatusCodes.Status404NotFound, "not_found", $"No fault of that id is armed, or it has struck as often as it was to; GET {Faults} lists those that are.");
}
