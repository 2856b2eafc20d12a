using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Holds requests that open no feed to the bounds of an address and to the origins that are allowed, before they are read.</summary>
internal static class AdmittedRequests
{
    /// <summary>Lets the endpoint's handler see admitted requests only.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="isRated">Whether each costs more than its viewer's own bounds allow for, and counts like a connection.</param>
    public static RouteHandlerBuilder Admit(this RouteHandlerBuilder endpoint, bool isRated) => endpoint.AddEndpointFilter(
        async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var admission = context.RequestServices.GetRequiredService<ViewerAdmission>();
            if (admission.TryAdmitRequest(context, isRated, out var place) is { } refusal)
            {
                await HttpFailure.WriteAsync(context, CreateFailure(refusal));
                return Results.Empty;
            }

            using (place)
            {
                return await next(invocation);
            }
        });

    private static GatewayException CreateFailure(AdmissionRefusal refusal) => refusal.RetryAfter is { } pause
        ? new(ErrorReason.ReaderLimit, refusal.Text) { RetryAfter = pause }
        : new(ErrorReason.NotPermitted, refusal.Text);
}
