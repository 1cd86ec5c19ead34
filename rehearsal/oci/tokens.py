"""Type tokens that one module needs to know of another's resources."""

from __future__ import annotations

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
ROUTE_TABLE = "oci:Core/routeTable:RouteTable"
DEFAULT_ROUTE_TABLE = "oci:Core/defaultRouteTable:DefaultRouteTable"
DEFAULT_SECURITY_LIST = "oci:Core/defaultSecurityList:DefaultSecurityList"
DEFAULT_DHCP_OPTIONS = "oci:Core/defaultDhcpOptions:DefaultDhcpOptions"
NETWORK_SECURITY_GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
SECURITY_RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
INTERNET_GATEWAY = "oci:Core/internetGateway:InternetGateway"
NAT_GATEWAY = "oci:Core/natGateway:NatGateway"
SERVICE_GATEWAY = "oci:Core/serviceGateway:ServiceGateway"
GATEWAYS = (INTERNET_GATEWAY, NAT_GATEWAY, SERVICE_GATEWAY)
CAPACITY_RESERVATION = "oci:Core/computeCapacityReservation:ComputeCapacityReservation"
#: Made by node pools; no Pulumi resource of the program stands for one.
INSTANCE = "oci:Core/instance:Instance"
CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
ADDON = "oci:ContainerEngine/addon:Addon"
VAULT = "oci:Kms/vault:Vault"
KEY = "oci:Kms/key:Key"
LOG_GROUP = "oci:Logging/logGroup:LogGroup"
LOG = "oci:Logging/log:Log"
UNIFIED_AGENT_CONFIGURATION = "oci:Logging/unifiedAgentConfiguration:UnifiedAgentConfiguration"
DYNAMIC_GROUP = "oci:Identity/dynamicGroup:DynamicGroup"
POLICY = "oci:Identity/policy:Policy"
